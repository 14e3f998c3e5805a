package io.arrowraft.runtime.rpc;

import java.util.Objects;

/**
 * A method of a service.
 *
 * @param service full service name, such as {@code tikvpb.Tikv}
 * @param name method name, such as {@code KvGet}
 * @param kind which sides stream
 * @param requests codec of the request messages
 * @param responses codec of the response messages
 */
public record RpcMethod<Q, R>(
    String service, String name, Kind kind, RpcCodec<Q> requests, RpcCodec<R> responses) {
  /** Which sides of a call send more than one message. */
  public enum Kind {
    UNARY,
    CLIENT_STREAM,
    SERVER_STREAM,
    BIDIRECTIONAL
  }

  public RpcMethod {
    Objects.requireNonNull(service, "service");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(requests, "requests");
    Objects.requireNonNull(responses, "responses");
  }

  public String fullName() {
    return service + "/" + name;
  }

  @Override
  public String toString() {
    return fullName();
  }
}
