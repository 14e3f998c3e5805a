package io.arrowraft.pd.testing;

import io.arrowraft.pd.testing.Machines.Machine;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.util.ArrayDeque;

/** A stream between two machines. What a cut loses breaks it, as it would a connection. */
final class MachineStream<Q, R> {
  private final MachineNetwork network;
  private final Side<Q> toServer;
  private final Side<R> toClient;
  private boolean ended;

  private MachineStream(MachineNetwork network, Machine client, Machine server, int serverLife) {
    this.network = network;
    this.toServer = new Side<>(client, server, serverLife);
    this.toClient = new Side<>(server, client, client.life());
  }

  static <Q, R> RpcStream<Q> open(
      MachineNetwork network,
      Machine from,
      String address,
      RpcMethod<Q, R> method,
      RpcReceiver<R> responses) {
    MachineNetwork.Listening target = network.at(address);
    RpcService.Binding<Q, R> binding = target == null ? null : target.binding(method);
    Machine server = target == null ? from : target.machine();
    MachineStream<Q, R> stream =
        new MachineStream<>(network, from, server, target == null ? from.life() : target.life());
    stream.toClient.receiver = responses;
    network.add(stream);
    if (binding == null) {
      network.carry(
          from,
          from,
          from.life(),
          () ->
              stream.breakOff(
                  new RpcException(RpcStatus.UNAVAILABLE, "nothing serves at " + address)));
    } else {
      network.carry(
          from,
          server,
          target.life(),
          () -> {
            stream.toServer.receiver =
                binding.stream().accept(stream.toClient.sending(stream.toServer), new FakeCall());
            stream.toServer.pump();
          });
    }
    return stream.toServer.sending(stream.toClient);
  }

  void machineDied(Machine machine) {
    if (toServer.to == machine || toClient.to == machine) {
      breakOff(
          new RpcException(RpcStatus.UNAVAILABLE, "the connection to " + machine.host + " broke"));
    }
  }

  private void breakOff(RpcException failure) {
    if (ended) {
      return;
    }
    ended = true;
    network.remove(this);
    toServer.fail(failure);
    toClient.fail(failure);
  }

  private final class Side<T> {
    private final Machine from;
    private final Machine to;
    private final int life;
    private final ArrayDeque<T> arrived = new ArrayDeque<>();
    private RpcReceiver<T> receiver;
    private int requested;
    private boolean complete;
    private boolean over;

    Side(Machine from, Machine to, int life) {
      this.from = from;
      this.to = to;
      this.life = life;
    }

    void pump() {
      while (!over && receiver != null && requested > 0 && !arrived.isEmpty()) {
        requested--;
        receiver.onMessage(arrived.pollFirst());
      }
      if (!over && receiver != null && complete && arrived.isEmpty()) {
        over = true;
        receiver.onComplete();
      }
    }

    /** Tells this side's receiver, as soon as a connection would. */
    void fail(RpcException failure) {
      if (over || receiver == null) {
        return;
      }
      over = true;
      network.carry(to, to, life, () -> receiver.onError(failure));
    }

    void carry(Runnable arrival) {
      if (network.machines.isCut(from, to)) {
        breakOff(new RpcException(RpcStatus.UNAVAILABLE, "a message was lost"));
        return;
      }
      network.carry(from, to, life, arrival);
    }

    /** What sends to this side, and asks for messages of the other one. */
    RpcStream<T> sending(Side<?> other) {
      return new RpcStream<>() {
        @Override
        public void send(T message) {
          if (!ended) {
            carry(
                () -> {
                  arrived.addLast(message);
                  pump();
                });
          }
        }

        @Override
        public boolean isReady() {
          return !ended;
        }

        @Override
        public void request(int count) {
          other.requested += count;
          network.machines.clock.execute(() -> other.to.run(other.life, other::pump));
        }

        @Override
        public void complete() {
          if (!ended) {
            carry(
                () -> {
                  complete = true;
                  pump();
                });
          }
        }

        @Override
        public void fail(RpcException failure) {
          other.over = true;
          if (!ended) {
            ended = true;
            network.remove(MachineStream.this);
            Side.this.carryFailure(failure);
          }
        }
      };
    }

    private void carryFailure(RpcException failure) {
      network.carry(
          from,
          to,
          life,
          () -> {
            if (!over && receiver != null) {
              over = true;
              receiver.onError(failure);
            }
          });
    }
  }
}
