package io.arrowraft.server.txn;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.store.ReadQuestion;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.ReadGuard;
import io.arrowraft.server.state.Versioned;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.ReadView;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the reader of a replica asks the leader, and what the leader answers (correctness rule 37):
 * it raises its maximum read timestamp, so that no later commit that it times can be below the
 * read, and then looks for memory locks in the way. Both happen before the read index is confirmed,
 * so what was decided earlier is in the log up to that index. Safe for use by any thread.
 */
public final class ReplicaReads implements ReadGuard {
  private final MemoryLocks memoryLocks;

  public ReplicaReads(MemoryLocks memoryLocks) {
    this.memoryLocks = memoryLocks;
  }

  /** Asks for single keys, in plain. */
  public static byte[] questionOfKeys(List<Bytes> keys, ReadView view) {
    ReadQuestion.Builder question = question(view);
    keys.forEach(key -> question.addKeys(ByteString.copyFrom(key.unsafeArray())));
    return Versioned.encode(question.build());
  }

  /** A range in plain keys; an empty end is the end of the key space. */
  public record Range(Bytes start, Bytes end) {}

  /** Asks for ranges, in plain keys. */
  public static byte[] questionOfRanges(List<Range> ranges, ReadView view) {
    ReadQuestion.Builder question = question(view);
    for (Range range : ranges) {
      question.addRanges(
          ReadQuestion.Range.newBuilder()
              .setStart(ByteString.copyFrom(range.start().unsafeArray()))
              .setEnd(ByteString.copyFrom(range.end().unsafeArray())));
    }
    return Versioned.encode(question.build());
  }

  private static ReadQuestion.Builder question(ReadView view) {
    return ReadQuestion.newBuilder()
        .setReadTs(view.readTs())
        .setReadCommitted(view.isolation() == ReadView.Isolation.READ_COMMITTED)
        .addAllBypassLocks(new TreeSet<>(view.bypassLocks()))
        .addAllAccessLocks(new TreeSet<>(view.accessLocks()));
  }

  @Override
  public Optional<byte[]> check(byte[] asked) {
    ReadQuestion question = Versioned.decode(asked, ReadQuestion.parser());
    ReadView view =
        new ReadView(
            question.getReadTs(),
            question.getReadCommitted()
                ? ReadView.Isolation.READ_COMMITTED
                : ReadView.Isolation.SNAPSHOT,
            setOf(question.getBypassLocksList()),
            setOf(question.getAccessLocksList()));
    memoryLocks.observeRead(view.readTs());
    for (ByteString key : question.getKeysList()) {
      Optional<LockedKey> blocking = memoryLocks.blocking(bytes(key), view);
      if (blocking.isPresent()) {
        return blocking.map(ReplicaReads::answer);
      }
    }
    for (ReadQuestion.Range range : question.getRangesList()) {
      Optional<LockedKey> blocking =
          memoryLocks.blocking(bytes(range.getStart()), bytes(range.getEnd()), view);
      if (blocking.isPresent()) {
        return blocking.map(ReplicaReads::answer);
      }
    }
    return Optional.empty();
  }

  private static byte[] answer(LockedKey blocking) {
    return LockInfos.of(blocking).toByteArray();
  }

  /** The lock in an answer of {@link #check}. */
  public static LockInfo lockIn(byte[] answer) {
    try {
      return LockInfo.parseFrom(answer);
    } catch (InvalidProtocolBufferException malformed) {
      throw new IllegalArgumentException("the leader's answer is not a lock", malformed);
    }
  }

  private static Set<Long> setOf(List<Long> timestamps) {
    return new LinkedHashSet<>(timestamps);
  }

  private static Bytes bytes(ByteString key) {
    return Bytes.wrap(key.toByteArray());
  }
}
