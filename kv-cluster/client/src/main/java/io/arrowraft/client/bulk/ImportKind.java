package io.arrowraft.client.bulk;

import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.proto.importsst.ImportSSTGrpc;
import io.arrowraft.proto.importsst.Pair;
import io.arrowraft.proto.importsst.RawWriteBatch;
import io.arrowraft.proto.importsst.RawWriteRequest;
import io.arrowraft.proto.importsst.RawWriteResponse;
import io.arrowraft.proto.importsst.SSTMeta;
import io.arrowraft.proto.importsst.WriteBatch;
import io.arrowraft.proto.importsst.WriteRequest;
import io.arrowraft.proto.importsst.WriteResponse;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.rpc.RpcMethod;
import java.util.List;

/**
 * How pairs of one key space are streamed.
 *
 * @param <Q> messages of the stream
 * @param <R> its answer
 */
interface ImportKind<Q, R> {
  KeySpace space();

  RpcMethod<Q, R> method();

  Q begin(SSTMeta meta);

  Q batch(List<KeyValue> pairs);

  List<SSTMeta> metas(R answer);

  /** How many of the pairs a file holds, as its description tells; 0 for one that only helps. */
  long pairsOf(SSTMeta meta);

  private static List<Pair> pairs(List<KeyValue> pairs) {
    return pairs.stream()
        .map(
            pair ->
                Pair.newBuilder()
                    .setKey(Wire.of(pair.key()))
                    .setValue(Wire.of(pair.value()))
                    .build())
        .toList();
  }

  /** Versions of transactional keys, committed at one timestamp. */
  record Transactional(long commitTimestamp) implements ImportKind<WriteRequest, WriteResponse> {
    private static final RpcMethod<WriteRequest, WriteResponse> WRITE =
        RpcMethods.of(ImportSSTGrpc.getWriteMethod());

    @Override
    public KeySpace space() {
      return KeySpace.TRANSACTIONAL;
    }

    @Override
    public RpcMethod<WriteRequest, WriteResponse> method() {
      return WRITE;
    }

    @Override
    public WriteRequest begin(SSTMeta meta) {
      return WriteRequest.newBuilder().setMeta(meta).build();
    }

    @Override
    public WriteRequest batch(List<KeyValue> pairs) {
      return WriteRequest.newBuilder()
          .setBatch(
              WriteBatch.newBuilder()
                  .setCommitTs(commitTimestamp)
                  .addAllPairs(ImportKind.pairs(pairs)))
          .build();
    }

    @Override
    public List<SSTMeta> metas(WriteResponse answer) {
      return answer.getMetasList();
    }

    @Override
    public long pairsOf(SSTMeta meta) {
      // Long values are in a file of their own beside the records of all.
      return meta.getCfName().equals("write") ? meta.getTotalKvs() : 0;
    }
  }

  /** Raw keys. */
  record Raw() implements ImportKind<RawWriteRequest, RawWriteResponse> {
    private static final RpcMethod<RawWriteRequest, RawWriteResponse> RAW_WRITE =
        RpcMethods.of(ImportSSTGrpc.getRawWriteMethod());

    @Override
    public KeySpace space() {
      return KeySpace.RAW;
    }

    @Override
    public RpcMethod<RawWriteRequest, RawWriteResponse> method() {
      return RAW_WRITE;
    }

    @Override
    public RawWriteRequest begin(SSTMeta meta) {
      return RawWriteRequest.newBuilder().setMeta(meta).build();
    }

    @Override
    public RawWriteRequest batch(List<KeyValue> pairs) {
      return RawWriteRequest.newBuilder()
          .setBatch(RawWriteBatch.newBuilder().addAllPairs(ImportKind.pairs(pairs)))
          .build();
    }

    @Override
    public List<SSTMeta> metas(RawWriteResponse answer) {
      return answer.getMetasList();
    }

    @Override
    public long pairsOf(SSTMeta meta) {
      return meta.getTotalKvs();
    }
  }
}
