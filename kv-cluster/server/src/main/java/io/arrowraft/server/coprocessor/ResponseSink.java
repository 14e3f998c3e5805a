package io.arrowraft.server.coprocessor;

import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.runtime.rpc.RpcException;

/** Where a plan's responses go. */
interface ResponseSink {
  /** Whether a response sent now does not pile up. */
  boolean isReady();

  void send(Response response);

  void complete();

  void fail(RpcException failure);
}
