package io.arrowraft.server.ingest;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.arrowraft.proto.importsst.ImportSSTGrpc;
import io.arrowraft.proto.importsst.IngestResponse;
import io.arrowraft.proto.importsst.MultiIngestRequest;
import io.arrowraft.proto.importsst.Pair;
import io.arrowraft.proto.importsst.RawWriteBatch;
import io.arrowraft.proto.importsst.RawWriteRequest;
import io.arrowraft.proto.importsst.RawWriteResponse;
import io.arrowraft.proto.importsst.SSTMeta;
import io.arrowraft.proto.importsst.WriteBatch;
import io.arrowraft.proto.importsst.WriteRequest;
import io.arrowraft.proto.importsst.WriteResponse;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.server.fakes.RecordingStream;
import io.arrowraft.server.fakes.TestCall;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Calls a store's import services as a client would. */
public final class ImportFixture {
  private final List<RpcService> services;

  public ImportFixture(ImportServices imports) {
    this.services = imports.services();
  }

  public static SSTMeta meta(String id, Region region) {
    return SSTMeta.newBuilder()
        .setUuid(ByteString.copyFromUtf8((id + "0123456789abcdef").substring(0, 16)))
        .setRegionId(region.getId())
        .setRegionEpoch(region.getRegionEpoch())
        .build();
  }

  public static WriteRequest versions(long commitTs, String... pairs) {
    WriteBatch.Builder batch = WriteBatch.newBuilder().setCommitTs(commitTs);
    for (int i = 0; i < pairs.length; i += 2) {
      batch.addPairs(pair(pairs[i], pairs[i + 1]));
    }
    return WriteRequest.newBuilder().setBatch(batch).build();
  }

  public static RawWriteRequest raw(long ttl, long ts, String... pairs) {
    RawWriteBatch.Builder batch = RawWriteBatch.newBuilder().setTtl(ttl).setTs(ts);
    for (int i = 0; i < pairs.length; i += 2) {
      batch.addPairs(pair(pairs[i], pairs[i + 1]));
    }
    return RawWriteRequest.newBuilder().setBatch(batch).build();
  }

  private static Pair pair(String key, String value) {
    return Pair.newBuilder()
        .setKey(ByteString.copyFromUtf8(key))
        .setValue(ByteString.copyFromUtf8(value))
        .build();
  }

  public RecordingStream<WriteResponse> write(SSTMeta meta, WriteRequest... batches) {
    RecordingStream<WriteResponse> answers = new RecordingStream<>(10);
    RpcReceiver<WriteRequest> requests = open(ImportSSTGrpc.getWriteMethod(), answers);
    requests.onMessage(WriteRequest.newBuilder().setMeta(meta).build());
    for (WriteRequest batch : batches) {
      requests.onMessage(batch);
    }
    requests.onComplete();
    return answers;
  }

  public RecordingStream<RawWriteResponse> rawWrite(SSTMeta meta, RawWriteRequest... batches) {
    RecordingStream<RawWriteResponse> answers = new RecordingStream<>(10);
    RpcReceiver<RawWriteRequest> requests = open(ImportSSTGrpc.getRawWriteMethod(), answers);
    requests.onMessage(RawWriteRequest.newBuilder().setMeta(meta).build());
    for (RawWriteRequest batch : batches) {
      requests.onMessage(batch);
    }
    requests.onComplete();
    return answers;
  }

  @SuppressWarnings("unchecked") // The binding was made for this method.
  public <Q, R extends MessageLite> RpcReceiver<Q> open(
      MethodDescriptor<Q, R> method, RecordingStream<R> answers) {
    RpcService.Binding<Q, R> binding = (RpcService.Binding<Q, R>) find(method);
    return binding.stream().accept(answers, new TestCall());
  }

  public CompletableFuture<IngestResponse> ingest(Context context, List<SSTMeta> metas) {
    return call(
        ImportSSTGrpc.getMultiIngestMethod(),
        MultiIngestRequest.newBuilder().setContext(context).addAllSsts(metas).build());
  }

  @SuppressWarnings("unchecked") // The binding was made for this method.
  public <Q, R> CompletableFuture<R> call(MethodDescriptor<Q, R> method, Q request) {
    RpcService.Binding<Q, R> binding = (RpcService.Binding<Q, R>) find(method);
    return binding.unary().handle(request, new TestCall()).toCompletableFuture();
  }

  private RpcService.Binding<?, ?> find(MethodDescriptor<?, ?> method) {
    return services.stream()
        .filter(service -> service.name().equals(method.getServiceName()))
        .findFirst()
        .orElseThrow()
        .bindings()
        .get(method.getBareMethodName());
  }
}
