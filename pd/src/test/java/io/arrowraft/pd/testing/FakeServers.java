package io.arrowraft.pd.testing;

import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.rpc.RpcServers;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** Keeps what is bound, so that a test can call it without a network. */
public final class FakeServers implements RpcServers {
  public List<RpcService> services = List.of();
  public boolean portInUse;
  public boolean closed;

  @Override
  public RpcServer bind(String host, int port, List<RpcService> bound) {
    if (portInUse) {
      throw new RpcException(RpcStatus.UNAVAILABLE, "cannot listen on " + host + ":" + port);
    }
    services = bound;
    return new RpcServer() {
      @Override
      public String address() {
        return host + ":" + (port == 0 ? 2379 : port);
      }

      @Override
      public void close(Duration grace) {
        closed = true;
      }
    };
  }

  /** The method with a name, of whichever service has it. */
  public static RpcService.Binding<?, ?> binding(List<RpcService> services, String method) {
    return services.stream()
        .map(service -> service.bindings().get(method))
        .filter(Objects::nonNull)
        .findFirst()
        .orElseThrow();
  }
}
