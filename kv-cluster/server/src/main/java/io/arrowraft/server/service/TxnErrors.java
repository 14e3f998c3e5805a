package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.kvrpcpb.AlreadyExist;
import io.arrowraft.proto.kvrpcpb.AssertionFailed;
import io.arrowraft.proto.kvrpcpb.CommitTsExpired;
import io.arrowraft.proto.kvrpcpb.Deadlock;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.PrimaryMismatch;
import io.arrowraft.proto.kvrpcpb.TxnLockNotFound;
import io.arrowraft.proto.kvrpcpb.TxnNotFound;
import io.arrowraft.proto.kvrpcpb.WriteConflict;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.lockwait.WaitFor;
import io.arrowraft.server.txn.LockInfos;
import io.arrowraft.storage.txn.Prewrite;
import io.arrowraft.storage.txn.TxnError;

/** Failures of transaction commands in the words that clients know. */
final class TxnErrors {
  private TxnErrors() {}

  static KeyError keyError(TxnError error) {
    KeyError.Builder key = KeyError.newBuilder();
    if (error instanceof TxnError.KeyLocked locked) {
      key.setLocked(LockInfos.of(locked.locked()));
    } else if (error instanceof TxnError.WriteConflict conflict) {
      key.setConflict(conflict(conflict));
    } else if (error instanceof TxnError.AlreadyExists exists) {
      key.setAlreadyExist(AlreadyExist.newBuilder().setKey(wrap(exists.key())));
    } else if (error instanceof TxnError.TxnLockNotFound missing) {
      // Older clients know the text alone, and restart the transaction for it.
      key.setRetryable(text(missing))
          .setTxnLockNotFound(TxnLockNotFound.newBuilder().setKey(wrap(missing.key())));
    } else if (error instanceof TxnError.TxnNotFound missing) {
      key.setTxnNotFound(
          TxnNotFound.newBuilder()
              .setStartTs(missing.startTs())
              .setPrimaryKey(wrap(missing.primaryKey())));
    } else if (error instanceof TxnError.CommitTsExpired expired) {
      key.setCommitTsExpired(
          CommitTsExpired.newBuilder()
              .setStartTs(expired.startTs())
              .setAttemptedCommitTs(expired.attemptedCommitTs())
              .setKey(wrap(expired.key()))
              .setMinCommitTs(expired.minCommitTs()));
    } else if (error instanceof TxnError.PrimaryMismatch mismatch) {
      key.setPrimaryMismatch(
          PrimaryMismatch.newBuilder().setLockInfo(LockInfos.of(mismatch.locked())));
    } else if (error instanceof TxnError.AssertionFailed failed) {
      key.setAssertionFailed(assertion(failed));
    } else {
      key.setAbort(abortText(error));
    }
    return key.build();
  }

  /** A circle of waits, which the transaction that closed it must leave. */
  static KeyError deadlock(io.arrowraft.server.lockwait.Deadlock circle) {
    WaitFor closing = circle.closing();
    Deadlock.Builder deadlock =
        Deadlock.newBuilder()
            .setLockTs(closing.holder())
            .setLockKey(wrap(closing.key()))
            .setDeadlockKey(wrap(circle.heldKey()))
            .setDeadlockKeyHash(WaitFor.hash(circle.heldKey()));
    circle.chain().forEach(wait -> deadlock.addWaitChain(wait.toProto()));
    return KeyError.newBuilder().setDeadlock(deadlock).build();
  }

  private static WriteConflict conflict(TxnError.WriteConflict conflict) {
    return WriteConflict.newBuilder()
        .setStartTs(conflict.startTs())
        .setConflictTs(conflict.conflictStartTs())
        .setConflictCommitTs(conflict.conflictCommitTs())
        .setKey(wrap(conflict.key()))
        .setPrimary(wrap(conflict.primary()))
        .setReason(
            switch (conflict.reason()) {
              case OPTIMISTIC -> WriteConflict.Reason.Optimistic;
              case SELF_ROLLED_BACK -> WriteConflict.Reason.SelfRolledBack;
              case PESSIMISTIC_RETRY -> WriteConflict.Reason.PessimisticRetry;
              case DEFERRED_CHECK -> WriteConflict.Reason.LazyUniquenessCheck;
            })
        .build();
  }

  private static AssertionFailed assertion(TxnError.AssertionFailed failed) {
    return AssertionFailed.newBuilder()
        .setStartTs(failed.startTs())
        .setKey(wrap(failed.key()))
        .setAssertion(assertion(failed.assertion()))
        .setExistingStartTs(failed.existingStartTs())
        .setExistingCommitTs(failed.existingCommitTs())
        .build();
  }

  private static io.arrowraft.proto.kvrpcpb.Assertion assertion(Prewrite.Assertion assertion) {
    return switch (assertion) {
      case NONE -> io.arrowraft.proto.kvrpcpb.Assertion.None;
      case EXISTS -> io.arrowraft.proto.kvrpcpb.Assertion.Exist;
      case NOT_EXISTS -> io.arrowraft.proto.kvrpcpb.Assertion.NotExist;
    };
  }

  private static String text(TxnError.TxnLockNotFound missing) {
    return "the transaction "
        + Long.toUnsignedString(missing.startTs())
        + " has no lock on key "
        + missing.key()
        + " to commit: it was rolled back or never prewritten there";
  }

  private static String abortText(TxnError error) {
    if (error instanceof TxnError.Committed committed) {
      return "the transaction "
          + Long.toUnsignedString(committed.startTs())
          + " is already committed at "
          + Long.toUnsignedString(committed.commitTs());
    }
    if (error instanceof TxnError.LockTypeMismatch mismatch) {
      return "key "
          + mismatch.key()
          + " holds a lock of another kind, of the same transaction "
          + Long.toUnsignedString(mismatch.startTs())
          + ": a transaction is pessimistic or optimistic as a whole";
    }
    if (error instanceof TxnError.PessimisticLockNotFound missing) {
      return "the pessimistic lock of transaction "
          + Long.toUnsignedString(missing.startTs())
          + " on key "
          + missing.key()
          + " is lost ("
          + missing.reason()
          + "): restart the transaction";
    }
    if (error instanceof TxnError.PessimisticLockRolledBack rolledBack) {
      return "the transaction "
          + Long.toUnsignedString(rolledBack.startTs())
          + " was rolled back on key "
          + rolledBack.key()
          + ", as one that had stopped sending heartbeats: restart it";
    }
    if (error instanceof TxnError.InvalidCommitTs invalid) {
      return "commit timestamp "
          + Long.toUnsignedString(invalid.commitTs())
          + " is not after start timestamp "
          + Long.toUnsignedString(invalid.startTs());
    }
    return error.toString();
  }

  private static ByteString wrap(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.unsafeArray());
  }
}
