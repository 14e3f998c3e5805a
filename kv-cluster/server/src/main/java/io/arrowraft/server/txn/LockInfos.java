package io.arrowraft.server.txn;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;
import io.arrowraft.storage.mvcc.LockedKey;

/** Locks as protocol messages. */
public final class LockInfos {
  private LockInfos() {}

  /** The lock as clients resolve it. */
  public static LockInfo of(LockedKey locked) {
    Lock lock = locked.lock();
    LockInfo.Builder info =
        LockInfo.newBuilder()
            .setKey(wrap(locked.key()))
            .setPrimaryLock(wrap(lock.primary()))
            .setLockVersion(lock.startTs())
            .setLockTtl(lock.ttlMillis())
            .setTxnSize(lock.txnSize())
            .setLockType(op(lock.type()))
            .setLockForUpdateTs(lock.forUpdateTs())
            .setUseAsyncCommit(lock.asyncCommit())
            .setMinCommitTs(lock.minCommitTs());
    lock.secondaries().forEach(key -> info.addSecondaries(wrap(key)));
    return info.build();
  }

  private static ByteString wrap(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.unsafeArray());
  }

  /** As what clients know a kind of lock. */
  public static Op op(LockType type) {
    return switch (type) {
      case PUT -> Op.Put;
      case DELETE -> Op.Del;
      case LOCK -> Op.Lock;
      case PESSIMISTIC -> Op.PessimisticLock;
    };
  }
}
