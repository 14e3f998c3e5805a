package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.kvrpcpb.ChecksumAlgorithm;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.KeyRange;
import io.arrowraft.proto.kvrpcpb.KvPair;
import io.arrowraft.proto.kvrpcpb.RawBatchGetRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchGetResponse;
import io.arrowraft.proto.kvrpcpb.RawBatchScanRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchScanResponse;
import io.arrowraft.proto.kvrpcpb.RawChecksumRequest;
import io.arrowraft.proto.kvrpcpb.RawChecksumResponse;
import io.arrowraft.proto.kvrpcpb.RawGetKeyTTLRequest;
import io.arrowraft.proto.kvrpcpb.RawGetKeyTTLResponse;
import io.arrowraft.proto.kvrpcpb.RawGetRequest;
import io.arrowraft.proto.kvrpcpb.RawGetResponse;
import io.arrowraft.proto.kvrpcpb.RawScanRequest;
import io.arrowraft.proto.kvrpcpb.RawScanResponse;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.server.raw.RawChecksum;
import io.arrowraft.server.raw.RawPair;
import io.arrowraft.server.raw.RawReads;
import io.arrowraft.server.raw.RawScan;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.txn.ResponseTooLargeException;
import io.arrowraft.server.txn.SnapshotReads;
import io.arrowraft.storage.txn.RawValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Answers reads of raw keys. */
final class RawReadRequests {
  private final RequestGate gate;
  private final Answers answers;
  private final SnapshotReads reads;

  RawReadRequests(RequestGate gate, Answers answers, SnapshotReads reads) {
    this.gate = gate;
    this.answers = answers;
    this.reads = reads;
  }

  CompletionStage<RawGetResponse> get(RawGetRequest request, RpcCall call) {
    ResponseForm<RawGetResponse> form =
        ResponseForm.raw(
            error -> RawGetResponse.newBuilder().setRegionError(error).build(),
            error -> RawGetResponse.newBuilder().setError(error).build());
    return read(
        request.getContext(),
        request.getCf(),
        call,
        form,
        () -> {
          byte[] key = gate.probe(request.getKey());
          return snapshot -> {
            Optional<RawValue> found = RawReads.get(snapshot, key, gate.nowSeconds());
            RawGetResponse.Builder response = RawGetResponse.newBuilder();
            found.ifPresentOrElse(
                value -> response.setValue(wrap(value.value())), () -> response.setNotFound(true));
            return response.build();
          };
        });
  }

  /** The only algorithm that the protocol has. */
  CompletionStage<RawChecksumResponse> checksum(RawChecksumRequest request, RpcCall call) {
    ResponseForm<RawChecksumResponse> form =
        ResponseForm.raw(
            error -> RawChecksumResponse.newBuilder().setRegionError(error).build(),
            error -> RawChecksumResponse.newBuilder().setError(error).build());
    return read(
        request.getContext(),
        "",
        call,
        form,
        () -> {
          if (request.getAlgorithm() != ChecksumAlgorithm.Crc64_Xor) {
            throw new InvalidRequestException(
                "checksum algorithm " + request.getAlgorithmValue() + " is not known");
          }
          List<RawChecksum.Range> ranges = new ArrayList<>();
          for (KeyRange range : request.getRangesList()) {
            ranges.add(
                new RawChecksum.Range(
                    gate.bound(range.getStartKey()), gate.bound(range.getEndKey())));
          }
          return snapshot -> {
            RawChecksum sum =
                RawChecksum.of(snapshot, ranges, gate.nowSeconds(), call::isCancelled);
            return RawChecksumResponse.newBuilder()
                .setChecksum(sum.checksum())
                .setTotalKvs(sum.pairs())
                .setTotalBytes(sum.bytes())
                .build();
          };
        });
  }

  CompletionStage<RawGetKeyTTLResponse> getKeyTtl(RawGetKeyTTLRequest request, RpcCall call) {
    ResponseForm<RawGetKeyTTLResponse> form =
        ResponseForm.raw(
            error -> RawGetKeyTTLResponse.newBuilder().setRegionError(error).build(),
            error -> RawGetKeyTTLResponse.newBuilder().setError(error).build());
    return read(
        request.getContext(),
        request.getCf(),
        call,
        form,
        () -> {
          byte[] key = gate.key(request.getKey());
          return snapshot -> {
            long now = gate.nowSeconds();
            RawGetKeyTTLResponse.Builder response = RawGetKeyTTLResponse.newBuilder();
            RawReads.get(snapshot, key, now)
                .ifPresentOrElse(
                    value -> response.setTtl(value.ttlSeconds(now)),
                    () -> response.setNotFound(true));
            return response.build();
          };
        });
  }

  CompletionStage<RawBatchGetResponse> batchGet(RawBatchGetRequest request, RpcCall call) {
    ResponseForm<RawBatchGetResponse> form =
        ResponseForm.raw(
            error -> RawBatchGetResponse.newBuilder().setRegionError(error).build(),
            error -> RawBatchGetResponse.newBuilder().addPairs(errorPair(error)).build());
    return read(
        request.getContext(),
        request.getCf(),
        call,
        form,
        () -> {
          List<byte[]> keys = gate.keys(request.getKeysList());
          return snapshot ->
              RawBatchGetResponse.newBuilder()
                  .addAllPairs(
                      pairs(
                          RawReads.batchGet(
                              snapshot, keys, gate.nowSeconds(), gate.responseBytesMax())))
                  .build();
        });
  }

  CompletionStage<RawScanResponse> scan(RawScanRequest request, RpcCall call) {
    ResponseForm<RawScanResponse> form =
        ResponseForm.raw(
            error -> RawScanResponse.newBuilder().setRegionError(error).build(),
            error -> RawScanResponse.newBuilder().addKvs(errorPair(error)).build());
    return read(
        request.getContext(),
        request.getCf(),
        call,
        form,
        () -> {
          RawScan scan =
              scan(
                  gate.bound(request.getStartKey()),
                  gate.bound(request.getEndKey()),
                  request.getReverse(),
                  RequestGate.limit(request.getLimit()),
                  request.getKeyOnly());
          return snapshot ->
              RawScanResponse.newBuilder()
                  .addAllKvs(pairs(scan.run(snapshot, gate.nowSeconds())))
                  .build();
        });
  }

  CompletionStage<RawBatchScanResponse> batchScan(RawBatchScanRequest request, RpcCall call) {
    ResponseForm<RawBatchScanResponse> form =
        ResponseForm.raw(
            error -> RawBatchScanResponse.newBuilder().setRegionError(error).build(),
            error -> RawBatchScanResponse.newBuilder().addKvs(errorPair(error)).build());
    return read(
        request.getContext(),
        request.getCf(),
        call,
        form,
        () -> {
          List<RawScan> scans = scans(request);
          return snapshot -> batchScan(snapshot, scans);
        });
  }

  private List<RawScan> scans(RawBatchScanRequest request) {
    List<KeyRange> ranges = request.getRangesList();
    List<RawScan> scans = new ArrayList<>(ranges.size());
    for (int i = 0; i < ranges.size(); i++) {
      byte[] start = gate.bound(ranges.get(i).getStartKey());
      byte[] end = gate.bound(ranges.get(i).getEndKey());
      // Clients of the first protocol leave the ends out and mean the start of the next range.
      if (end.length == 0 && i + 1 < ranges.size()) {
        end = gate.bound(ranges.get(i + 1).getStartKey());
      }
      scans.add(
          scan(
              start,
              end,
              request.getReverse(),
              RequestGate.limit(request.getEachLimit()),
              request.getKeyOnly()));
    }
    return scans;
  }

  private RawBatchScanResponse batchScan(RegionSnapshot snapshot, List<RawScan> scans) {
    RawBatchScanResponse.Builder response = RawBatchScanResponse.newBuilder();
    long bytes = 0;
    for (RawScan scan : scans) {
      for (KvPair pair : pairs(scan.run(snapshot, gate.nowSeconds()))) {
        bytes += pair.getSerializedSize();
        if (bytes > gate.responseBytesMax()) {
          throw new ResponseTooLargeException("raw batch scan", gate.responseBytesMax());
        }
        response.addKvs(pair);
      }
    }
    return response.build();
  }

  /** On the wire a descending scan starts from its upper bound. */
  private RawScan scan(byte[] from, byte[] to, boolean descending, int limit, boolean keysOnly) {
    return descending
        ? new RawScan(to, from, true, limit, keysOnly, gate.responseBytesMax())
        : new RawScan(from, to, false, limit, keysOnly, gate.responseBytesMax());
  }

  private <R> CompletionStage<R> read(
      Context context,
      String family,
      RpcCall call,
      ResponseForm<R> form,
      Answers.Step<Function<RegionSnapshot, R>> work) {
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(context, call).linearizably();
          requireFamily(family);
          return reads.read(region, call, work.run());
        });
  }

  /** Raw data has one family; the names that clients send for it are none and "default". */
  static void requireFamily(String family) {
    if (!family.isEmpty() && !family.equals("default")) {
      throw new InvalidRequestException(
          "unknown column family '" + family + "' for raw keys; leave cf empty");
    }
  }

  private static List<KvPair> pairs(List<RawPair> pairs) {
    return pairs.stream()
        .map(
            pair ->
                KvPair.newBuilder().setKey(wrap(pair.key())).setValue(wrap(pair.value())).build())
        .toList();
  }

  private static KvPair errorPair(String error) {
    return KvPair.newBuilder().setError(KeyError.newBuilder().setAbort(error)).build();
  }

  static ByteString wrap(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.unsafeArray());
  }
}
