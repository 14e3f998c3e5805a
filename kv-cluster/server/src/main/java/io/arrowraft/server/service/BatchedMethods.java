package io.arrowraft.server.service;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import io.arrowraft.proto.tikvpb.BatchCommandsRequest;
import io.arrowraft.proto.tikvpb.BatchCommandsResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.runtime.Invariant;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcService;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * The methods whose requests may come in batches: for each kind of request in the batch, the unary
 * method that takes it. Found from the descriptors, so that a kind added to the protocol needs no
 * line here. Immutable.
 */
final class BatchedMethods {
  private static final OneofDescriptor KINDS =
      BatchCommandsRequest.Request.getDescriptor().getOneofs().get(0);
  private static final FieldDescriptor EMPTY =
      BatchCommandsRequest.Request.getDescriptor()
          .findFieldByNumber(BatchCommandsRequest.Request.EMPTY_FIELD_NUMBER);

  private final Map<Integer, RpcService.UnaryHandler<Message, Message>> handlers =
      new LinkedHashMap<>();

  /**
   * @param unary the service with all unary methods
   */
  BatchedMethods(RpcService unary) {
    Map<Descriptor, String> methods = new LinkedHashMap<>();
    for (MethodDescriptor<?, ?> method : TikvGrpc.getServiceDescriptor().getMethods()) {
      if (method.getType() == MethodDescriptor.MethodType.UNARY) {
        methods.put(requestType(method), method.getBareMethodName());
      }
    }
    for (FieldDescriptor kind : KINDS.getFields()) {
      if (!kind.equals(EMPTY)) {
        String method = methods.get(kind.getMessageType());
        RpcService.Binding<?, ?> binding = method == null ? null : unary.bindings().get(method);
        Invariant.check(
            binding != null, "a kind of batched request has no method", "kind", kind.getName());
        handlers.put(kind.getNumber(), untyped(binding.unary()));
      }
    }
  }

  private static Descriptor requestType(MethodDescriptor<?, ?> method) {
    return ((ProtoMethodDescriptorSupplier) method.getSchemaDescriptor())
        .getMethodDescriptor()
        .getInputType();
  }

  @SuppressWarnings("unchecked") // The request comes from the field whose type chose the method.
  private static RpcService.UnaryHandler<Message, Message> untyped(
      RpcService.UnaryHandler<?, ?> handler) {
    return (RpcService.UnaryHandler<Message, Message>) handler;
  }

  /** The kind of {@code request}; null if it is none that is served. */
  FieldDescriptor kind(BatchCommandsRequest.Request request) {
    return request.getOneofFieldDescriptor(KINDS);
  }

  boolean isEmpty(FieldDescriptor kind) {
    return kind.equals(EMPTY);
  }

  CompletionStage<Message> handle(
      FieldDescriptor kind, BatchCommandsRequest.Request request, RpcCall call) {
    return handlers.get(kind.getNumber()).handle((Message) request.getField(kind), call);
  }

  /** An answer in the field that belongs to the request's. */
  static BatchCommandsResponse.Response response(FieldDescriptor kind, Message answer) {
    return BatchCommandsResponse.Response.newBuilder()
        .setField(responseField(kind), answer)
        .build();
  }

  /** An answer without content, to say in it why there is none. */
  static Message.Builder blank(FieldDescriptor kind) {
    return BatchCommandsResponse.Response.newBuilder().newBuilderForField(responseField(kind));
  }

  private static FieldDescriptor responseField(FieldDescriptor kind) {
    return BatchCommandsResponse.Response.getDescriptor().findFieldByNumber(kind.getNumber());
  }
}
