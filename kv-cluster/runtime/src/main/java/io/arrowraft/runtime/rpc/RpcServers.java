package io.arrowraft.runtime.rpc;

import java.util.List;

/** Opens listening addresses. */
public interface RpcServers {
  /**
   * Starts to serve.
   *
   * @param host the address to listen on
   * @param port the port, or 0 for any free one
   * @throws RpcException {@link RpcStatus#UNAVAILABLE} naming the address if it is in use
   */
  RpcServer bind(String host, int port, List<RpcService> services);
}
