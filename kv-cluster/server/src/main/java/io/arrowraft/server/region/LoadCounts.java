package io.arrowraft.server.region;

import io.arrowraft.proto.pdpb.QueryStats;

/** What requests did during some time. For use by one thread at a time. */
public final class LoadCounts {
  private final long[] requests = new long[QueryKind.values().length];
  private long keysRead;
  private long bytesRead;
  private long writes;
  private long keysWritten;
  private long bytesWritten;

  public void addRequests(QueryKind kind, long count) {
    requests[kind.ordinal()] += count;
  }

  public void addRead(long keys, long bytes) {
    keysRead += keys;
    bytesRead += bytes;
  }

  /** Writes that were asked for, whatever became of them. */
  public void addWrites(long count) {
    writes += count;
  }

  /** What was applied. */
  public void addWritten(long keys, long bytes) {
    keysWritten += keys;
    bytesWritten += bytes;
  }

  public void add(LoadCounts other) {
    for (int i = 0; i < requests.length; i++) {
      requests[i] += other.requests[i];
    }
    addRead(other.keysRead, other.bytesRead);
    addWrites(other.writes);
    addWritten(other.keysWritten, other.bytesWritten);
  }

  public long requests(QueryKind kind) {
    return requests[kind.ordinal()];
  }

  /** Requests of all kinds that change nothing. */
  public long reads() {
    long sum = 0;
    for (QueryKind kind : QueryKind.values()) {
      sum += kind.isRead() ? requests(kind) : 0;
    }
    return sum;
  }

  public long writes() {
    return writes;
  }

  public long keysRead() {
    return keysRead;
  }

  public long bytesRead() {
    return bytesRead;
  }

  public long keysWritten() {
    return keysWritten;
  }

  public long bytesWritten() {
    return bytesWritten;
  }

  /** Whether nothing happened. */
  public boolean isEmpty() {
    long sum = writes + keysRead + bytesRead + keysWritten + bytesWritten;
    for (long each : requests) {
      sum += each;
    }
    return sum == 0;
  }

  /** As the placement driver takes it. */
  public QueryStats toProto() {
    return QueryStats.newBuilder()
        .setGC(requests(QueryKind.GC))
        .setGet(requests(QueryKind.GET))
        .setScan(requests(QueryKind.SCAN))
        .setCoprocessor(requests(QueryKind.COPROCESSOR))
        .setDelete(requests(QueryKind.DELETE))
        .setDeleteRange(requests(QueryKind.DELETE_RANGE))
        .setPut(requests(QueryKind.PUT))
        .setPrewrite(requests(QueryKind.PREWRITE))
        .setAcquirePessimisticLock(requests(QueryKind.ACQUIRE_PESSIMISTIC_LOCK))
        .setCommit(requests(QueryKind.COMMIT))
        .setRollback(requests(QueryKind.ROLLBACK))
        .build();
  }
}
