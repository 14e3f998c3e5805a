package io.arrowraft.simulation.world;

import io.arrowraft.runtime.rpc.RpcMethod;

/** Is told of every message of a stream when it is sent, before the network does anything to it. */
@FunctionalInterface
public interface MessageTap {
  void sent(SimulatedNode from, RpcMethod<?, ?> method, Object message);
}
