package io.arrowraft.storage.mvcc;

import java.util.Objects;

/** A write record with the timestamp it is stored under. */
public record CommittedWrite(long commitTs, Write write) {
  public CommittedWrite {
    Objects.requireNonNull(write, "write");
  }
}
