package io.arrowraft.client.fake;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.proto.kvrpcpb.*;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.runtime.Bytes;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** What a store does with a request that its region takes. */
final class StoreRequests {
  private final NaiveMvcc mvcc = new NaiveMvcc();
  private final TreeMap<Bytes, Bytes> raw = new TreeMap<>();

  NaiveMvcc mvcc() {
    return mvcc;
  }

  Message answer(String method, Message request, Region region) {
    if (request instanceof io.arrowraft.proto.coprocessor.Request plan) {
      return io.arrowraft.proto.coprocessor.Response.newBuilder()
          .setData(
              ByteString.copyFromUtf8(
                  plan.getData().toStringUtf8() + " over " + plan.getRangesCount() + " ranges"))
          .build();
    }
    return method.startsWith("Raw")
        ? raw(method, request, region)
        : transactional(method, request, region);
  }

  private Message transactional(String method, Message request, Region region) {
    return switch (method) {
      case "KvGet" -> get((GetRequest) request);
      case "KvBatchGet" -> batchGet((BatchGetRequest) request);
      case "KvScan" -> scan((ScanRequest) request, region);
      case "KvPrewrite" -> {
        PrewriteRequest prewrite = (PrewriteRequest) request;
        prewrite
            .getMutationsList()
            .forEach(m -> requireInside(KeySpace.TRANSACTIONAL, m.getKey(), region));
        yield mvcc.prewrite(prewrite);
      }
      case "KvCommit" -> mvcc.commit((CommitRequest) request);
      case "KvBatchRollback" -> mvcc.rollback((BatchRollbackRequest) request);
      case "KvCheckTxnStatus" -> mvcc.check((CheckTxnStatusRequest) request);
      case "KvCheckSecondaryLocks" -> mvcc.secondaries((CheckSecondaryLocksRequest) request);
      case "KvTxnHeartBeat" -> mvcc.heartbeat((TxnHeartBeatRequest) request);
      case "KvScanLock" -> scanLock((ScanLockRequest) request, region);
      case "KvDeleteRange" -> {
        DeleteRangeRequest delete = (DeleteRangeRequest) request;
        requireInside(KeySpace.TRANSACTIONAL, delete.getStartKey(), region);
        mvcc.destroy(
            within(
                KeySpace.TRANSACTIONAL, region, delete.getStartKey(), delete.getEndKey(), false));
        yield DeleteRangeResponse.getDefaultInstance();
      }
      case "KvResolveLock" -> {
        mvcc.resolve(
            (ResolveLockRequest) request,
            KeySpace.TRANSACTIONAL.keyAt(Wire.of(region.getStartKey())),
            KeySpace.TRANSACTIONAL.keyAt(Wire.of(region.getEndKey())));
        yield ResolveLockResponse.getDefaultInstance();
      }
      default -> throw new IllegalStateException(method);
    };
  }

  private Message get(GetRequest request) {
    Optional<KvPair> pair =
        mvcc.read(
            Wire.of(request.getKey()),
            request.getVersion(),
            request.getContext().getResolvedLocksList());
    GetResponse.Builder response = GetResponse.newBuilder();
    if (pair.isEmpty()) {
      return response.setNotFound(true).build();
    }
    return pair.get().hasError()
        ? response.setError(pair.get().getError()).build()
        : response.setValue(pair.get().getValue()).build();
  }

  private Message batchGet(BatchGetRequest request) {
    BatchGetResponse.Builder response = BatchGetResponse.newBuilder();
    for (ByteString key : request.getKeysList()) {
      mvcc.read(Wire.of(key), request.getVersion(), request.getContext().getResolvedLocksList())
          .ifPresent(response::addPairs);
    }
    return response.build();
  }

  private Message scan(ScanRequest request, Region region) {
    ScanRange range =
        within(
            KeySpace.TRANSACTIONAL,
            region,
            request.getStartKey(),
            request.getEndKey(),
            request.getReverse());
    ScanResponse.Builder response = ScanResponse.newBuilder();
    mvcc.scan(
            range,
            request.getLimit(),
            request.getVersion(),
            request.getContext().getResolvedLocksList())
        .forEach(pair -> response.addPairs(request.getKeyOnly() ? withoutValue(pair) : pair));
    return response.build();
  }

  private static KvPair withoutValue(KvPair pair) {
    return pair.toBuilder().clearValue().build();
  }

  /** What a request asks for of a region. A descending one names the upper bound first. */
  private static ScanRange within(
      KeySpace space, Region region, ByteString first, ByteString second, boolean descending) {
    Bytes start = Wire.of(descending ? second : first);
    Bytes end = Wire.of(descending ? first : second);
    Bytes lowest = space.keyAt(Wire.of(region.getStartKey()));
    Bytes bound = space.keyAt(Wire.of(region.getEndKey()));
    return new ScanRange(
        start.compareTo(lowest) < 0 ? lowest : start,
        end.isEmpty() || (!bound.isEmpty() && bound.compareTo(end) < 0) ? bound : end,
        descending,
        false);
  }

  private Message scanLock(ScanLockRequest request, Region region) {
    Bytes bound = KeySpace.TRANSACTIONAL.keyAt(Wire.of(region.getEndKey()));
    Bytes end = Wire.of(request.getEndKey());
    if (end.isEmpty() || (!bound.isEmpty() && bound.compareTo(end) < 0)) {
      end = bound;
    }
    return ScanLockResponse.newBuilder()
        .addAllLocks(
            mvcc.scanLocks(
                Wire.of(request.getStartKey()), end, request.getMaxVersion(), request.getLimit()))
        .build();
  }

  private Message raw(String method, Message request, Region region) {
    return switch (method) {
      case "RawGet" -> {
        Bytes value = raw.get(Wire.of(((RawGetRequest) request).getKey()));
        yield value == null
            ? RawGetResponse.newBuilder().setNotFound(true).build()
            : RawGetResponse.newBuilder().setValue(Wire.of(value)).build();
      }
      case "RawPut" -> {
        RawPutRequest put = (RawPutRequest) request;
        requireInside(KeySpace.RAW, put.getKey(), region);
        raw.put(Wire.of(put.getKey()), Wire.of(put.getValue()));
        yield RawPutResponse.getDefaultInstance();
      }
      case "RawDelete" -> {
        raw.remove(Wire.of(((RawDeleteRequest) request).getKey()));
        yield RawDeleteResponse.getDefaultInstance();
      }
      case "RawBatchPut" -> {
        for (KvPair pair : ((RawBatchPutRequest) request).getPairsList()) {
          requireInside(KeySpace.RAW, pair.getKey(), region);
          raw.put(Wire.of(pair.getKey()), Wire.of(pair.getValue()));
        }
        yield RawBatchPutResponse.getDefaultInstance();
      }
      case "RawBatchGet" -> {
        RawBatchGetResponse.Builder response = RawBatchGetResponse.newBuilder();
        for (ByteString key : ((RawBatchGetRequest) request).getKeysList()) {
          requireInside(KeySpace.RAW, key, region);
          Bytes value = raw.get(Wire.of(key));
          if (value != null) {
            response.addPairs(KvPair.newBuilder().setKey(key).setValue(Wire.of(value)));
          }
        }
        yield response.build();
      }
      case "RawBatchDelete" -> {
        ((RawBatchDeleteRequest) request).getKeysList().forEach(key -> raw.remove(Wire.of(key)));
        yield RawBatchDeleteResponse.getDefaultInstance();
      }
      case "RawScan" -> {
        RawScanRequest scan = (RawScanRequest) request;
        RawScanResponse.Builder response = RawScanResponse.newBuilder();
        ScanRange range =
            within(KeySpace.RAW, region, scan.getStartKey(), scan.getEndKey(), scan.getReverse());
        NavigableMap<Bytes, Bytes> inside = range(range.start(), range.end());
        (range.descending() ? inside.descendingMap() : inside)
            .entrySet().stream()
                .limit(scan.getLimit())
                .map(
                    pair ->
                        KvPair.newBuilder()
                            .setKey(Wire.of(pair.getKey()))
                            .setValue(Wire.of(pair.getValue()))
                            .build())
                .forEach(pair -> response.addKvs(scan.getKeyOnly() ? withoutValue(pair) : pair));
        yield response.build();
      }
      case "RawDeleteRange" -> {
        RawDeleteRangeRequest delete = (RawDeleteRangeRequest) request;
        range(Wire.of(delete.getStartKey()), Wire.of(delete.getEndKey())).clear();
        yield RawDeleteRangeResponse.getDefaultInstance();
      }
      case "RawCompareAndSwap" -> compareAndSwap((RawCASRequest) request);
      default -> throw new IllegalStateException(method);
    };
  }

  private Message compareAndSwap(RawCASRequest request) {
    Bytes now = raw.get(Wire.of(request.getKey()));
    boolean swap =
        request.getPreviousNotExist()
            ? now == null
            : Wire.of(request.getPreviousValue()).equals(now);
    if (swap) {
      raw.put(Wire.of(request.getKey()), Wire.of(request.getValue()));
    }
    return RawCASResponse.newBuilder()
        .setSucceed(swap)
        .setPreviousNotExist(now == null)
        .setPreviousValue(now == null ? ByteString.EMPTY : Wire.of(now))
        .build();
  }

  private NavigableMap<Bytes, Bytes> range(Bytes start, Bytes end) {
    return end.isEmpty() ? raw.tailMap(start, true) : raw.subMap(start, true, end, false);
  }

  private static void requireInside(KeySpace space, ByteString key, Region region) {
    Bytes regionKey = space.regionKey(Wire.of(key));
    Bytes end = Wire.of(region.getEndKey());
    if (regionKey.compareTo(Wire.of(region.getStartKey())) < 0
        || (!end.isEmpty() && regionKey.compareTo(end) >= 0)) {
      throw new IllegalStateException("key " + key + " sent to the wrong region " + region);
    }
  }
}
