package io.arrowraft.client.txn;

import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.LockConflictException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.proto.kvrpcpb.Deadlock;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.WriteConflict;
import java.util.stream.Collectors;

/** What a key's error means for its transaction. */
final class KeyErrors {
  private KeyErrors() {}

  /** The failure to report for an error that is not resolved by waiting or by a new timestamp. */
  static ArrowraftException failure(KeyError error, long startTs) {
    if (error.hasConflict()) {
      WriteConflict conflict = error.getConflict();
      return new TransactionAbortedException(
          ErrorCode.WRITE_CONFLICT,
          "key "
              + Wire.of(conflict.getKey())
              + " was written by transaction "
              + conflict.getConflictTs()
              + " after transaction "
              + startTs
              + " began");
    }
    if (error.hasSafePointPassed()) {
      return new TransactionAbortedException(
          ErrorCode.TIMESTAMP_TOO_OLD,
          "timestamp "
              + Long.toUnsignedString(error.getSafePointPassed().getTimestamp())
              + " of transaction "
              + Long.toUnsignedString(startTs)
              + " lies behind the GC safe point "
              + Long.toUnsignedString(error.getSafePointPassed().getSafePoint())
              + ", versions that it would need may be gone");
    }
    if (error.hasDeadlock()) {
      return new TransactionAbortedException(
          ErrorCode.DEADLOCK,
          "transaction "
              + startTs
              + " would wait for key "
              + Wire.of(error.getDeadlock().getLockKey())
              + " for ever: "
              + chain(error.getDeadlock()));
    }
    if (error.hasAlreadyExist()) {
      return new InvalidRequestException(
          ErrorCode.KEY_EXISTS,
          "key " + Wire.of(error.getAlreadyExist().getKey()) + " exists",
          Wire.of(error.getAlreadyExist().getKey()));
    }
    if (error.hasLocked()) {
      return new LockConflictException(
          ErrorCode.LOCK_WAIT_TIMEOUT,
          "key "
              + Wire.of(error.getLocked().getKey())
              + " is locked by transaction "
              + error.getLocked().getLockVersion());
    }
    if (error.hasAssertionFailed()) {
      return new InvalidRequestException(
          ErrorCode.REQUEST_REFUSED,
          "an assertion on key " + Wire.of(error.getAssertionFailed().getKey()) + " failed");
    }
    return new TransactionAbortedException(
        ErrorCode.TRANSACTION_ABORTED,
        "transaction " + startTs + " cannot commit: " + describe(error));
  }

  private static String chain(Deadlock deadlock) {
    return deadlock.getWaitChainList().stream()
        .map(
            wait ->
                wait.getTxn()
                    + " waits for "
                    + wait.getWaitForTxn()
                    + " at key "
                    + Wire.of(wait.getKey()))
        .collect(Collectors.joining(", "));
  }

  private static String describe(KeyError error) {
    if (!error.getRetryable().isEmpty()) {
      return error.getRetryable();
    }
    if (!error.getAbort().isEmpty()) {
      return error.getAbort();
    }
    return error.hasTxnNotFound() || error.hasTxnLockNotFound()
        ? "its locks are gone, it was rolled back"
        : error.toString().trim();
  }
}
