package io.arrowraft.storage.mvcc;

/** What the write records of a key say about the fate of one transaction. */
public sealed interface CommitRecord {
  /** The transaction's own record: a commit, or a rollback. */
  record Found(CommittedWrite record) implements CommitRecord {
    public boolean isRollback() {
      return record.write().type() == WriteType.ROLLBACK;
    }
  }

  /** Rolled back, as marked on the commit record of another transaction with the same key. */
  record OverlappedRollback(long commitTs) implements CommitRecord {}

  /** Nothing, and no record is in the way of a rollback. */
  record None() implements CommitRecord {}

  /**
   * Nothing, but another transaction committed at the transaction's start timestamp: a rollback
   * record would have the same key (rule 34).
   *
   * @param nextChangeTs commit timestamp of the next newer PUT or DELETE; 0 if there is none
   */
  record OverlappedWrite(CommittedWrite record, long nextChangeTs) implements CommitRecord {}
}
