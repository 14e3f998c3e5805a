package io.arrowraft.client.fake;

import com.google.protobuf.ByteString;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.proto.kvrpcpb.Action;
import io.arrowraft.proto.kvrpcpb.AlreadyExist;
import io.arrowraft.proto.kvrpcpb.BatchRollbackRequest;
import io.arrowraft.proto.kvrpcpb.BatchRollbackResponse;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksResponse;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusRequest;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusResponse;
import io.arrowraft.proto.kvrpcpb.CommitRequest;
import io.arrowraft.proto.kvrpcpb.CommitResponse;
import io.arrowraft.proto.kvrpcpb.CommitTsExpired;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.KvPair;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.proto.kvrpcpb.PrewriteResponse;
import io.arrowraft.proto.kvrpcpb.ResolveLockRequest;
import io.arrowraft.proto.kvrpcpb.TxnHeartBeatRequest;
import io.arrowraft.proto.kvrpcpb.TxnHeartBeatResponse;
import io.arrowraft.proto.kvrpcpb.TxnLockNotFound;
import io.arrowraft.proto.kvrpcpb.TxnNotFound;
import io.arrowraft.proto.kvrpcpb.WriteConflict;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Transactional data of a whole cluster in one map; deliberately simple. */
final class NaiveMvcc {
  private record Lock(LockInfo info, ByteString value) {}

  private record Version(long startTs, Op op, ByteString value) {}

  private static final class Cell {
    private Lock lock;
    private final TreeMap<Long, Version> versions = new TreeMap<>();
    private final Set<Long> rolledBack = new HashSet<>();

    Optional<Long> commitOf(long startTs) {
      return versions.entrySet().stream()
          .filter(entry -> entry.getValue().startTs == startTs)
          .map(java.util.Map.Entry::getKey)
          .findFirst();
    }

    Optional<ByteString> visible(long ts) {
      for (Version version : versions.headMap(ts, true).descendingMap().values()) {
        if (version.op == Op.Put || version.op == Op.Insert) {
          return Optional.of(version.value);
        }
        if (version.op == Op.Del) {
          return Optional.empty();
        }
      }
      return Optional.empty();
    }
  }

  private final TreeMap<Bytes, Cell> cells = new TreeMap<>();
  private long maxRead;

  private Cell cell(ByteString key) {
    return cells.computeIfAbsent(Wire.of(key), absent -> new Cell());
  }

  /** The pair at {@code ts}, a pair with an error if a lock is in the way, or nothing. */
  Optional<KvPair> read(Bytes key, long ts, List<Long> resolved) {
    maxRead = Math.max(maxRead, ts);
    Cell cell = cells.get(key);
    if (cell == null) {
      return Optional.empty();
    }
    if (cell.lock != null
        && cell.lock.info.getLockType() != Op.Lock
        && cell.lock.info.getLockVersion() <= ts
        && !(cell.lock.info.getUseAsyncCommit() && cell.lock.info.getMinCommitTs() > ts)
        && !resolved.contains(cell.lock.info.getLockVersion())) {
      return Optional.of(
          KvPair.newBuilder()
              .setKey(Wire.of(key))
              .setError(KeyError.newBuilder().setLocked(cell.lock.info))
              .build());
    }
    return cell.visible(ts)
        .map(value -> KvPair.newBuilder().setKey(Wire.of(key)).setValue(value).build());
  }

  List<KvPair> scan(ScanRange range, int limit, long ts, List<Long> resolved) {
    List<KvPair> pairs = new ArrayList<>();
    NavigableMap<Bytes, Cell> inside = inside(range);
    for (Bytes key : (range.descending() ? inside.descendingMap() : inside).keySet()) {
      if (pairs.size() == limit) {
        break;
      }
      read(key, ts, resolved).ifPresent(pairs::add);
    }
    return pairs;
  }

  private NavigableMap<Bytes, Cell> inside(ScanRange range) {
    return range.end().isEmpty()
        ? cells.tailMap(range.start(), true)
        : cells.subMap(range.start(), true, range.end(), false);
  }

  /** Removes all that there is. */
  void destroy(ScanRange range) {
    inside(range).clear();
  }

  List<LockInfo> scanLocks(Bytes start, Bytes end, long maxTs, int limit) {
    maxRead = Math.max(maxRead, maxTs);
    return (end.isEmpty() ? cells.tailMap(start) : cells.subMap(start, end))
        .values().stream()
            .filter(cell -> cell.lock != null && cell.lock.info.getLockVersion() <= maxTs)
            .map(cell -> cell.lock.info)
            .limit(limit)
            .toList();
  }

  PrewriteResponse prewrite(PrewriteRequest request) {
    PrewriteResponse.Builder response = PrewriteResponse.newBuilder();
    for (Mutation mutation : request.getMutationsList()) {
      check(mutation, request).ifPresent(response::addErrors);
    }
    if (response.getErrorsCount() > 0) {
      return response.build();
    }
    Optional<Long> before =
        request.getMutationsList().stream()
            .map(mutation -> cell(mutation.getKey()).commitOf(request.getStartVersion()))
            .flatMap(Optional::stream)
            .findFirst();
    if (before.isPresent() && request.getTryOnePc()) {
      return response.setOnePcCommitTs(before.get()).build();
    }
    long commitTs = Math.max(maxRead + 1, request.getMinCommitTs());
    boolean early = commitTs <= request.getMaxCommitTs();
    boolean async = early && request.getUseAsyncCommit() && !request.getTryOnePc();
    for (Mutation mutation : request.getMutationsList()) {
      Cell cell = cell(mutation.getKey());
      if (mutation.getOp() != Op.CheckNotExists
          && cell.lock == null
          && cell.commitOf(request.getStartVersion()).isEmpty()) {
        cell.lock =
            new Lock(
                LockInfo.newBuilder()
                    .setKey(mutation.getKey())
                    .setPrimaryLock(request.getPrimaryLock())
                    .setLockVersion(request.getStartVersion())
                    .setLockTtl(request.getLockTtl())
                    .setTxnSize(request.getTxnSize())
                    .setLockType(mutation.getOp())
                    .setMinCommitTs(async ? commitTs : request.getMinCommitTs())
                    .setUseAsyncCommit(async)
                    .addAllSecondaries(request.getSecondariesList())
                    .build(),
                mutation.getValue());
      }
    }
    if (early && request.getTryOnePc()) {
      request
          .getMutationsList()
          .forEach(mutation -> end(cell(mutation.getKey()), request.getStartVersion(), commitTs));
      return response.setOnePcCommitTs(commitTs).build();
    }
    return async ? response.setMinCommitTs(before.orElse(commitTs)).build() : response.build();
  }

  CheckSecondaryLocksResponse secondaries(CheckSecondaryLocksRequest request) {
    CheckSecondaryLocksResponse.Builder response = CheckSecondaryLocksResponse.newBuilder();
    for (ByteString key : request.getKeysList()) {
      Cell cell = cell(key);
      if (cell.lock == null || cell.lock.info.getLockVersion() != request.getStartVersion()) {
        Optional<Long> committed = cell.commitOf(request.getStartVersion());
        if (committed.isEmpty()) {
          cell.rolledBack.add(request.getStartVersion());
        }
        return response.clearLocks().setCommitTs(committed.orElse(0L)).build();
      }
      response.addLocks(cell.lock.info);
    }
    return response.build();
  }

  private Optional<KeyError> check(Mutation mutation, PrewriteRequest request) {
    Cell cell = cell(mutation.getKey());
    long startTs = request.getStartVersion();
    if (cell.commitOf(startTs).isPresent()) {
      return Optional.empty();
    }
    if (cell.lock != null) {
      return cell.lock.info.getLockVersion() == startTs
          ? Optional.empty()
          : Optional.of(KeyError.newBuilder().setLocked(cell.lock.info).build());
    }
    if (cell.rolledBack.contains(startTs)
        || (!cell.versions.isEmpty() && cell.versions.lastKey() > startTs)) {
      return Optional.of(
          KeyError.newBuilder()
              .setConflict(WriteConflict.newBuilder().setStartTs(startTs).setKey(mutation.getKey()))
              .build());
    }
    boolean mustNotExist = mutation.getOp() == Op.Insert || mutation.getOp() == Op.CheckNotExists;
    return mustNotExist && cell.visible(startTs).isPresent()
        ? Optional.of(
            KeyError.newBuilder()
                .setAlreadyExist(AlreadyExist.newBuilder().setKey(mutation.getKey()))
                .build())
        : Optional.empty();
  }

  CommitResponse commit(CommitRequest request) {
    long startTs = request.getStartVersion();
    for (ByteString key : request.getKeysList()) {
      Cell cell = cell(key);
      boolean locked = cell.lock != null && cell.lock.info.getLockVersion() == startTs;
      if (locked && request.getCommitVersion() < cell.lock.info.getMinCommitTs()) {
        return CommitResponse.newBuilder()
            .setError(
                KeyError.newBuilder()
                    .setCommitTsExpired(
                        CommitTsExpired.newBuilder()
                            .setMinCommitTs(cell.lock.info.getMinCommitTs())))
            .build();
      }
      if (!locked && cell.commitOf(startTs).isEmpty()) {
        return CommitResponse.newBuilder()
            .setError(
                KeyError.newBuilder().setTxnLockNotFound(TxnLockNotFound.newBuilder().setKey(key)))
            .build();
      }
    }
    request.getKeysList().forEach(key -> end(cell(key), startTs, request.getCommitVersion()));
    return CommitResponse.getDefaultInstance();
  }

  private static void end(Cell cell, long startTs, long commitTs) {
    if (cell.lock == null || cell.lock.info.getLockVersion() != startTs) {
      return;
    }
    if (commitTs > 0) {
      cell.versions.put(
          commitTs, new Version(startTs, cell.lock.info.getLockType(), cell.lock.value));
    } else {
      cell.rolledBack.add(startTs);
    }
    cell.lock = null;
  }

  BatchRollbackResponse rollback(BatchRollbackRequest request) {
    for (ByteString key : request.getKeysList()) {
      Cell cell = cell(key);
      if (cell.commitOf(request.getStartVersion()).isPresent()) {
        return BatchRollbackResponse.newBuilder()
            .setError(KeyError.newBuilder().setAbort("already committed"))
            .build();
      }
      end(cell, request.getStartVersion(), 0);
      cell.rolledBack.add(request.getStartVersion());
    }
    return BatchRollbackResponse.getDefaultInstance();
  }

  CheckTxnStatusResponse check(CheckTxnStatusRequest request) {
    Cell cell = cell(request.getPrimaryKey());
    long startTs = request.getLockTs();
    CheckTxnStatusResponse.Builder response = CheckTxnStatusResponse.newBuilder();
    if (cell.lock != null && cell.lock.info.getLockVersion() == startTs) {
      if (cell.lock.info.getUseAsyncCommit() && !request.getForceSyncCommit()) {
        return response.setLockTtl(cell.lock.info.getLockTtl()).setLockInfo(cell.lock.info).build();
      }
      if (physical(startTs) + cell.lock.info.getLockTtl() <= physical(request.getCurrentTs())) {
        end(cell, startTs, 0);
        return response.setAction(Action.TTLExpireRollback).build();
      }
      if (request.getCallerStartTs() > 0 && cell.lock.info.getMinCommitTs() > 0) {
        LockInfo.Builder pushed = cell.lock.info.toBuilder();
        pushed.setMinCommitTs(Math.max(pushed.getMinCommitTs(), request.getCallerStartTs() + 1));
        cell.lock = new Lock(pushed.build(), cell.lock.value);
        response.setAction(Action.MinCommitTSPushed);
      }
      return response.setLockTtl(cell.lock.info.getLockTtl()).build();
    }
    if (cell.commitOf(startTs).isPresent()) {
      return response.setCommitVersion(cell.commitOf(startTs).get()).build();
    }
    if (cell.rolledBack.contains(startTs)) {
      return response.build();
    }
    if (!request.getRollbackIfNotExist()) {
      return response
          .setError(KeyError.newBuilder().setTxnNotFound(TxnNotFound.getDefaultInstance()))
          .build();
    }
    cell.rolledBack.add(startTs);
    return response.setAction(Action.LockNotExistRollback).build();
  }

  private static long physical(long ts) {
    return ts >>> 18;
  }

  void resolve(ResolveLockRequest request, Bytes start, Bytes end) {
    if (request.getKeysCount() > 0) {
      request
          .getKeysList()
          .forEach(key -> end(cell(key), request.getStartVersion(), request.getCommitVersion()));
      return;
    }
    (end.isEmpty() ? cells.tailMap(start) : cells.subMap(start, end))
        .values()
        .forEach(cell -> end(cell, request.getStartVersion(), request.getCommitVersion()));
  }

  TxnHeartBeatResponse heartbeat(TxnHeartBeatRequest request) {
    Cell cell = cell(request.getPrimaryLock());
    if (cell.lock == null || cell.lock.info.getLockVersion() != request.getStartVersion()) {
      return TxnHeartBeatResponse.newBuilder()
          .setError(KeyError.newBuilder().setTxnNotFound(TxnNotFound.getDefaultInstance()))
          .build();
    }
    long ttl = Math.max(cell.lock.info.getLockTtl(), request.getAdviseLockTtl());
    cell.lock = new Lock(cell.lock.info.toBuilder().setLockTtl(ttl).build(), cell.lock.value);
    return TxnHeartBeatResponse.newBuilder().setLockTtl(ttl).build();
  }

  LockInfo lock(ByteString key) {
    return cell(key).lock.info;
  }

  long locks() {
    return cells.values().stream().filter(cell -> cell.lock != null).count();
  }
}
