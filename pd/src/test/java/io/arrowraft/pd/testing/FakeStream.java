package io.arrowraft.pd.testing;

import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStream;
import java.util.ArrayList;
import java.util.List;

/** Keeps what a server sends down a stream. */
public final class FakeStream<T> implements RpcStream<T> {
  public final List<T> sent = new ArrayList<>();
  public int requested;
  public boolean completed;
  public RpcException failure;

  @Override
  public void send(T message) {
    sent.add(message);
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public void request(int count) {
    requested += count;
  }

  @Override
  public void complete() {
    completed = true;
  }

  @Override
  public void fail(RpcException failure) {
    this.failure = failure;
  }
}
