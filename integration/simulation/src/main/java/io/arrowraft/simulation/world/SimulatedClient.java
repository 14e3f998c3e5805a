package io.arrowraft.simulation.world;

import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Calls from one life of one node. */
final class SimulatedClient implements RpcClient {
  private final SimulatedNetwork network;
  private final SimulatedWorld world;
  private final SimulatedNode node;
  private final int life;

  SimulatedClient(SimulatedNetwork network, SimulatedNode node, int life) {
    this.network = network;
    this.world = network.world();
    this.node = node;
    this.life = life;
  }

  @Override
  public <Q, R> CompletableFuture<R> call(
      String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
    CompletableFuture<R> answer = new CompletableFuture<>();
    if (!node.isLife(life)) {
      return answer;
    }
    UnaryCall<Q, R> call = new UnaryCall<>(address, method, timeout, answer);
    SimulatedWorld.Event late =
        world.schedule(
            world.nowNanos() + node.toWorldNanos(timeout), node, life, () -> call.expire());
    answer.whenComplete((value, failure) -> late.cancel());
    byte[] bytes = WireBytes.encode(method.requests(), request);
    world.whenDue(node, life, () -> call.send(bytes));
    return answer;
  }

  @Override
  public <Q, R> RpcStream<Q> open(
      String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
    return node.isLife(life)
        ? SimulatedStream.open(network, node, address, method, timeout, responses)
        : SimulatedStream.ended(network, node, method);
  }

  private final class UnaryCall<Q, R> {
    private final String address;
    private final RpcMethod<Q, R> method;
    private final Duration timeout;
    private final CompletableFuture<R> answer;
    private SimulatedCall serverSide;

    UnaryCall(
        String address, RpcMethod<Q, R> method, Duration timeout, CompletableFuture<R> answer) {
      this.address = address;
      this.method = method;
      this.timeout = timeout;
      this.answer = answer;
    }

    void send(byte[] request) {
      SimulatedNetwork.Listening target = network.listening(address);
      if (target == null || !target.node().isUp()) {
        fail(RpcException.unreached(method + ": nothing listens at " + address, null));
        return;
      }
      SimulatedNode server = target.node();
      if (network.isCut(node, server) || network.loses()) {
        return;
      }
      world.schedule(
          world.nowNanos() + network.delayNanos(), server, () -> arrive(target, request));
      if (network.repeats(method) && network.duplicates()) {
        world.schedule(
            world.nowNanos() + network.strayNanos(), server, () -> arrive(target, request));
      }
    }

    private void arrive(SimulatedNetwork.Listening target, byte[] request) {
      if (!target.equals(network.listening(address))) {
        return;
      }
      trace(request);
      SimulatedNode server = target.node();
      RpcService.Binding<Q, R> binding = target.binding(method);
      if (binding == null || binding.unary() == null) {
        answerFrom(
            server, null, new RpcException(RpcStatus.UNIMPLEMENTED, method + " is not served"));
        return;
      }
      serverSide =
          new SimulatedCall(node.name(), Optional.of(Deadline.after(timeout, server.time())));
      int serverLife = server.life();
      handle(binding, WireBytes.decode(binding.method().requests(), request))
          .whenComplete(
              (value, failure) -> {
                byte[] response =
                    failure == null ? WireBytes.encode(method.responses(), value) : null;
                world.whenDue(server, serverLife, () -> answerFrom(server, response, failure));
              });
    }

    private CompletionStage<R> handle(RpcService.Binding<Q, R> binding, Q request) {
      try {
        return binding.unary().handle(request, serverSide);
      } catch (RpcException refused) {
        return CompletableFuture.failedFuture(refused);
      }
    }

    private void answerFrom(SimulatedNode server, byte[] response, Throwable failure) {
      if (network.isCut(server, node) || network.loses() || !server.isUp()) {
        return;
      }
      world.schedule(
          world.nowNanos() + network.delayNanos(),
          node,
          life,
          () -> {
            if (failure == null) {
              trace(response);
              answer.complete(WireBytes.decode(method.responses(), response));
            } else {
              Throwable cause = Async.cause(failure);
              answer.completeExceptionally(
                  cause instanceof RpcException
                      ? cause
                      : new RpcException(RpcStatus.INTERNAL, String.valueOf(cause), cause));
            }
          });
    }

    private void fail(RpcException failure) {
      world.schedule(
          world.nowNanos() + network.delayNanos(),
          node,
          life,
          () -> answer.completeExceptionally(failure));
    }

    private void expire() {
      if (serverSide != null) {
        serverSide.cancel();
      }
      answer.completeExceptionally(
          new RpcException(
              RpcStatus.DEADLINE_EXCEEDED,
              method + " at " + address + ": no answer within " + timeout));
    }

    private void trace(byte[] message) {
      world.countMessage();
      world.trace().add(method.name());
      world.trace().add(message);
    }
  }
}
