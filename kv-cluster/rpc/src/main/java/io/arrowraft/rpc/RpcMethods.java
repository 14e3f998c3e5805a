package io.arrowraft.rpc;

import io.arrowraft.runtime.rpc.RpcMethod;
import io.grpc.MethodDescriptor;

/** Methods of the RPC port made from the descriptors that the protobuf compiler generates. */
public final class RpcMethods {
  private RpcMethods() {}

  /** The method that {@code descriptor} describes, with the descriptor's marshallers as codecs. */
  public static <Q, R> RpcMethod<Q, R> of(MethodDescriptor<Q, R> descriptor) {
    return new RpcMethod<>(
        descriptor.getServiceName(),
        descriptor.getBareMethodName(),
        kindOf(descriptor.getType()),
        new MarshallerCodec<>(descriptor.getRequestMarshaller()),
        new MarshallerCodec<>(descriptor.getResponseMarshaller()));
  }

  /** The gRPC descriptor of {@code method}. */
  public static <Q, R> MethodDescriptor<Q, R> descriptor(RpcMethod<Q, R> method) {
    return MethodDescriptor.<Q, R>newBuilder()
        .setFullMethodName(MethodDescriptor.generateFullMethodName(method.service(), method.name()))
        .setType(typeOf(method.kind()))
        .setRequestMarshaller(MarshallerCodec.marshallerOf(method.requests()))
        .setResponseMarshaller(MarshallerCodec.marshallerOf(method.responses()))
        .build();
  }

  private static RpcMethod.Kind kindOf(MethodDescriptor.MethodType type) {
    return switch (type) {
      case UNARY -> RpcMethod.Kind.UNARY;
      case CLIENT_STREAMING -> RpcMethod.Kind.CLIENT_STREAM;
      case SERVER_STREAMING -> RpcMethod.Kind.SERVER_STREAM;
      case BIDI_STREAMING -> RpcMethod.Kind.BIDIRECTIONAL;
      case UNKNOWN -> throw new IllegalArgumentException("method of unknown type");
    };
  }

  private static MethodDescriptor.MethodType typeOf(RpcMethod.Kind kind) {
    return switch (kind) {
      case UNARY -> MethodDescriptor.MethodType.UNARY;
      case CLIENT_STREAM -> MethodDescriptor.MethodType.CLIENT_STREAMING;
      case SERVER_STREAM -> MethodDescriptor.MethodType.SERVER_STREAMING;
      case BIDIRECTIONAL -> MethodDescriptor.MethodType.BIDI_STREAMING;
    };
  }
}
