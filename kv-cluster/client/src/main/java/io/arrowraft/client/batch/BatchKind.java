package io.arrowraft.client.batch;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.tikvpb.BatchCommandsRequest;
import io.arrowraft.proto.tikvpb.BatchCommandsResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A method whose requests may travel in a batch, and the fields of the batch that carry it. Found
 * from the descriptors, where the type of the request names the method.
 *
 * @param request the field of a request
 * @param response the field of its answer
 * @param error the answer's field for what kept its region from serving
 */
record BatchKind(FieldDescriptor request, FieldDescriptor response, FieldDescriptor error) {
  /** Their answers are long: others behind them on the stream would wait. */
  private static final Set<String> LONG_ANSWERS =
      Set.of("KvScan", "RawScan", "RawBatchScan", "Coprocessor", "KvScanLock");

  private static final Map<String, BatchKind> BY_METHOD = byMethod();

  /** The kind of a method; empty if its requests travel alone. */
  static Optional<BatchKind> of(RpcMethod<?, ?> method) {
    return method.service().equals(TikvGrpc.SERVICE_NAME)
        ? Optional.ofNullable(BY_METHOD.get(method.name()))
        : Optional.empty();
  }

  private static Map<String, BatchKind> byMethod() {
    Map<Descriptor, String> names = new LinkedHashMap<>();
    for (MethodDescriptor<?, ?> method : TikvGrpc.getServiceDescriptor().getMethods()) {
      if (method.getType() == MethodDescriptor.MethodType.UNARY) {
        names.put(inputType(method), method.getBareMethodName());
      }
    }
    Map<String, BatchKind> kinds = new LinkedHashMap<>();
    Descriptor answers = BatchCommandsResponse.Response.getDescriptor();
    for (FieldDescriptor request :
        BatchCommandsRequest.Request.getDescriptor().getOneofs().get(0).getFields()) {
      String name = names.get(request.getMessageType());
      FieldDescriptor response = answers.findFieldByNumber(request.getNumber());
      if (name != null && response != null && !LONG_ANSWERS.contains(name)) {
        FieldDescriptor error = response.getMessageType().findFieldByName("region_error");
        if (error != null) {
          kinds.put(name, new BatchKind(request, response, error));
        }
      }
    }
    return kinds;
  }

  private static Descriptor inputType(MethodDescriptor<?, ?> method) {
    return ((ProtoMethodDescriptorSupplier) method.getSchemaDescriptor())
        .getMethodDescriptor()
        .getInputType();
  }

  /** The answer within {@code response}; empty if it answers something else. */
  Optional<Message> answer(BatchCommandsResponse.Response response) {
    return response.hasField(this.response)
        ? Optional.of((Message) response.getField(this.response))
        : Optional.empty();
  }

  /**
   * Whether the store failed in a way for which answers have no field: it says so in an error of no
   * kind.
   */
  boolean isFailure(Message answer) {
    return answer.hasField(error)
        && ((Error) answer.getField(error))
            .getAllFields().keySet().stream()
                .noneMatch(field -> field.getJavaType() == FieldDescriptor.JavaType.MESSAGE);
  }
}
