package io.arrowraft.pd.testing;

import io.arrowraft.pd.testing.Machines.Machine;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.rpc.RpcServers;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Calls between machines: a millisecond each way, in order on a stream. */
final class MachineNetwork {
  static final Duration DELAY = Duration.ofMillis(1);

  record Listening(Machine machine, int life, List<RpcService> services) {
    @SuppressWarnings("unchecked")
    <Q, R> RpcService.Binding<Q, R> binding(RpcMethod<Q, R> method) {
      return services.stream()
          .filter(service -> service.name().equals(method.service()))
          .map(service -> (RpcService.Binding<Q, R>) service.bindings().get(method.name()))
          .findFirst()
          .orElse(null);
    }
  }

  final Machines machines;
  private final Map<String, Listening> listening = new TreeMap<>();
  private final Set<MachineStream<?, ?>> streams = new LinkedHashSet<>();
  private int nextPort = 20_000;

  MachineNetwork(Machines machines) {
    this.machines = machines;
  }

  void died(Machine machine) {
    listening.values().removeIf(each -> each.machine() == machine);
    new ArrayList<>(streams).forEach(stream -> stream.machineDied(machine));
  }

  void add(MachineStream<?, ?> stream) {
    streams.add(stream);
  }

  void remove(MachineStream<?, ?> stream) {
    streams.remove(stream);
  }

  Listening at(String address) {
    return listening.get(address);
  }

  /** Carries something to a machine. */
  void carry(Machine from, Machine to, int life, Runnable arrival) {
    machines.clock.schedule(
        DELAY,
        () -> {
          if (!machines.isCut(from, to)) {
            to.run(life, arrival);
          }
        });
  }

  RpcServers servers(Machine machine) {
    return (host, port, services) -> {
      String address = host + ":" + (port == 0 ? nextPort++ : port);
      if (listening.containsKey(address)) {
        throw new RpcException(RpcStatus.UNAVAILABLE, "cannot listen on " + address);
      }
      Listening mine = new Listening(machine, machine.life(), List.copyOf(services));
      listening.put(address, mine);
      return new RpcServer() {
        @Override
        public String address() {
          return address;
        }

        @Override
        public void close(Duration grace) {
          listening.remove(address, mine);
        }
      };
    };
  }

  RpcClient client(Machine from) {
    int life = from.life();
    return new RpcClient() {
      @Override
      public <Q, R> CompletableFuture<R> call(
          String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
        return MachineNetwork.this.call(from, life, address, method, request, timeout);
      }

      @Override
      public <Q, R> RpcStream<Q> open(
          String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
        return MachineStream.open(MachineNetwork.this, from, address, method, responses);
      }
    };
  }

  private <Q, R> CompletableFuture<R> call(
      Machine from, int life, String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
    CompletableFuture<R> answer = new CompletableFuture<>();
    machines.clock.schedule(
        timeout,
        () ->
            from.run(
                life,
                () ->
                    answer.completeExceptionally(
                        new RpcException(
                            RpcStatus.DEADLINE_EXCEEDED, method + ": late at " + address))));
    Listening target = at(address);
    if (target == null) {
      carry(
          from,
          from,
          life,
          () ->
              answer.completeExceptionally(
                  new RpcException(RpcStatus.UNAVAILABLE, "nothing listens at " + address)));
      return answer;
    }
    carry(
        from,
        target.machine(),
        target.life(),
        () ->
            handle(target, method, request)
                .whenComplete(
                    (value, failure) ->
                        carry(
                            target.machine(),
                            from,
                            life,
                            () -> Async.settle(answer, value, failure))));
    return answer;
  }

  private static <Q, R> CompletionStage<R> handle(
      Listening target, RpcMethod<Q, R> method, Q request) {
    RpcService.Binding<Q, R> binding = target.binding(method);
    if (binding == null) {
      return CompletableFuture.failedFuture(
          new RpcException(RpcStatus.UNIMPLEMENTED, method + " is not served"));
    }
    try {
      return binding.unary().handle(request, new FakeCall());
    } catch (RpcException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }
}
