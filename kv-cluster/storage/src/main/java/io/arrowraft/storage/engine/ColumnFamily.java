package io.arrowraft.storage.engine;

import java.util.List;

/** The independent key spaces of one engine instance; batches are atomic across them. */
public enum ColumnFamily {
  /** Long transactional values: {@code encodedKey + startTs -> value}. */
  DEFAULT("default"),
  /** Transaction locks: {@code encodedKey -> lock}. */
  LOCK("lock"),
  /** Commit and rollback records: {@code encodedKey + commitTs -> write}. */
  WRITE("write"),
  /** Raw data under plain keys; it can never meet transactional data. */
  RAW("raw"),
  /** Region metadata and apply state, or, in the log instance, Raft logs and hard states. */
  RAFT("raft");

  private final String familyName;

  ColumnFamily(String familyName) {
    this.familyName = familyName;
  }

  /** The name under which the family is stored on disk; part of the disk format. */
  public String familyName() {
    return familyName;
  }

  /** The families of a store's data instance. */
  public static List<ColumnFamily> dataFamilies() {
    return List.of(DEFAULT, LOCK, WRITE, RAW, RAFT);
  }

  /** The families of a store's log instance; every instance has {@link #DEFAULT}. */
  public static List<ColumnFamily> logFamilies() {
    return List.of(DEFAULT, RAFT);
  }
}
