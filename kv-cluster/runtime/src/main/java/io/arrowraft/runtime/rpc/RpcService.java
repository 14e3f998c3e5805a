package io.arrowraft.runtime.rpc;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * The handlers of one service. Immutable; handlers are called from any thread and must not block.
 */
public final class RpcService {
  /**
   * Answers a unary call. A stage that fails with an {@link RpcException} answers with that status.
   */
  @FunctionalInterface
  public interface UnaryHandler<Q, R> {
    CompletionStage<R> handle(Q request, RpcCall call);
  }

  /**
   * Answers any other call: returns what takes the requests, and answers through {@code responses}.
   */
  @FunctionalInterface
  public interface StreamHandler<Q, R> {
    /**
     * Nothing is delivered to the returned receiver before {@code responses.request(n)}, which may
     * be called here.
     */
    RpcReceiver<Q> accept(RpcStream<R> responses, RpcCall call);
  }

  /** A method and what answers it; exactly one of the handlers is present. */
  public record Binding<Q, R>(
      RpcMethod<Q, R> method, UnaryHandler<Q, R> unary, StreamHandler<Q, R> stream) {
    public Binding {
      if ((unary == null) == (stream == null)) {
        throw new IllegalArgumentException(method + " needs exactly one handler");
      }
    }
  }

  private final String name;
  private final Map<String, Binding<?, ?>> bindings;

  private RpcService(String name, Map<String, Binding<?, ?>> bindings) {
    this.name = name;
    this.bindings = bindings;
  }

  public static Builder named(String name) {
    return new Builder(name);
  }

  public String name() {
    return name;
  }

  /** Bindings by method name, in the order in which they were added. */
  public Map<String, Binding<?, ?>> bindings() {
    return bindings;
  }

  /** Collects bindings. */
  public static final class Builder {
    private final String name;
    private final Map<String, Binding<?, ?>> bindings = new LinkedHashMap<>();

    private Builder(String name) {
      this.name = name;
    }

    public <Q, R> Builder unary(RpcMethod<Q, R> method, UnaryHandler<Q, R> handler) {
      if (method.kind() != RpcMethod.Kind.UNARY) {
        throw new IllegalArgumentException(method + " is not unary but " + method.kind());
      }
      return add(new Binding<>(method, handler, null));
    }

    public <Q, R> Builder stream(RpcMethod<Q, R> method, StreamHandler<Q, R> handler) {
      if (method.kind() == RpcMethod.Kind.UNARY) {
        throw new IllegalArgumentException(method + " is unary");
      }
      return add(new Binding<>(method, null, handler));
    }

    private Builder add(Binding<?, ?> binding) {
      if (!binding.method().service().equals(name)) {
        throw new IllegalArgumentException(binding.method() + " does not belong to " + name);
      }
      if (bindings.put(binding.method().name(), binding) != null) {
        throw new IllegalArgumentException(binding.method() + " is bound twice");
      }
      return this;
    }

    public RpcService build() {
      return new RpcService(
          name, java.util.Collections.unmodifiableMap(new LinkedHashMap<>(bindings)));
    }
  }
}
