package io.arrowraft.simulation.world;

import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.rpc.RpcServers;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Carries calls and streams between nodes, with delay, loss, reordering and cut links. */
public final class SimulatedNetwork {
  /** How much longer a stray message may take than an undisturbed one. */
  private static final int STRAY_FACTOR = 20;

  private static final Duration KEEP_ALIVE_MIN = Duration.ofMillis(500);
  private static final Duration KEEP_ALIVE_MAX = Duration.ofSeconds(5);

  private final SimulatedWorld world;
  private final Map<String, Listening> listening = new LinkedHashMap<>();
  private final TreeSet<String> cutLinks = new TreeSet<>();
  private final List<SimulatedStream<?, ?>> streams = new ArrayList<>();
  private MessageTap tap = (from, method, message) -> {};
  private boolean disturbed = true;
  private int nextPort = 20_000;

  SimulatedNetwork(SimulatedWorld world) {
    this.world = world;
  }

  /** The RPC client of {@code node}. */
  public RpcClient client(SimulatedNode node) {
    return new SimulatedClient(this, node, node.life());
  }

  /** The listening side of {@code node}. */
  public RpcServers servers(SimulatedNode node) {
    return (host, port, services) -> bind(node, host, port, services);
  }

  /**
   * Drops what {@code from} sends to {@code to}, until {@link #heal}. Streams over the link either
   * break at once, or fall silent until a keep-alive finds out.
   */
  public void cut(SimulatedNode from, SimulatedNode to) {
    world.trace().add("cut " + from.name() + ">" + to.name());
    cutLinks.add(link(from, to));
    if (world.random().nextBoolean()) {
      breakStreams(stream -> stream.uses(from, to), "link cut");
    }
  }

  /** Mends every link. */
  public void heal() {
    world.trace().add("heal");
    cutLinks.clear();
  }

  /** Switches random loss and stray delay on or off: off for the liveness phase. */
  public void setDisturbed(boolean disturbed) {
    this.disturbed = disturbed;
  }

  /** Lets somebody listen to all streams. */
  public void listenIn(MessageTap listener) {
    tap = listener;
  }

  MessageTap tap() {
    return tap;
  }

  SimulatedWorld world() {
    return world;
  }

  Listening listening(String address) {
    return listening.get(address);
  }

  boolean isCut(SimulatedNode from, SimulatedNode to) {
    return !cutLinks.isEmpty() && cutLinks.contains(link(from, to));
  }

  /** Whether the world's dice lose the next message. */
  boolean loses() {
    double loss = world.options().messageLoss();
    return disturbed && loss > 0 && world.random().nextDouble() < loss;
  }

  /**
   * Whether a message of this method may arrive twice: those of Raft, and transactional commands,
   * which clients send again by themselves. What is not meant to be repeated is never repeated by a
   * real connection either.
   */
  boolean repeats(RpcMethod<?, ?> method) {
    return method.name().equals("Send") || method.name().startsWith("Kv");
  }

  /** Whether the world's dice let the next message arrive twice. */
  boolean duplicates() {
    double duplicate = world.options().messageDuplicate();
    return disturbed && duplicate > 0 && world.random().nextDouble() < duplicate;
  }

  /** How long the second copy of a message takes. */
  long strayNanos() {
    return delayNanos() * (1 + world.random().nextInt(STRAY_FACTOR));
  }

  long delayNanos() {
    WorldOptions options = world.options();
    long delay = world.delayBetween(options.messageDelayMin(), options.messageDelayMax());
    boolean stray =
        disturbed
            && options.messageStray() > 0
            && world.random().nextDouble() < options.messageStray();
    return stray ? delay * (1 + world.random().nextInt(STRAY_FACTOR)) : delay;
  }

  /** Runs {@code news} when the keep-alive of a dead connection would have noticed. */
  void afterKeepAlive(Runnable news) {
    world.schedule(
        world.nowNanos() + world.delayBetween(KEEP_ALIVE_MIN, KEEP_ALIVE_MAX), null, news);
  }

  void add(SimulatedStream<?, ?> stream) {
    streams.add(stream);
  }

  void remove(SimulatedStream<?, ?> stream) {
    streams.remove(stream);
  }

  void onCrash(SimulatedNode node) {
    listening.values().removeIf(bound -> bound.node() == node);
    breakStreams(stream -> stream.touches(node), "peer crashed");
  }

  private void breakStreams(
      java.util.function.Predicate<SimulatedStream<?, ?>> which, String reason) {
    for (SimulatedStream<?, ?> stream : List.copyOf(streams)) {
      if (which.test(stream)) {
        stream.breakOff(reason);
      }
    }
  }

  private RpcServer bind(SimulatedNode node, String host, int port, List<RpcService> services) {
    String address = host + ":" + (port == 0 ? nextPort++ : port);
    if (listening.containsKey(address)) {
      throw new RpcException(RpcStatus.UNAVAILABLE, "cannot listen on " + address + ": in use");
    }
    Map<String, RpcService.Binding<?, ?>> bindings = new LinkedHashMap<>();
    for (RpcService service : services) {
      service
          .bindings()
          .values()
          .forEach(binding -> bindings.put(binding.method().fullName(), binding));
    }
    listening.put(address, new Listening(node, bindings));
    return new RpcServer() {
      @Override
      public String address() {
        return address;
      }

      @Override
      public void close(Duration grace) {
        listening.remove(address);
      }
    };
  }

  private static String link(SimulatedNode from, SimulatedNode to) {
    return from.name() + ">" + to.name();
  }

  /** An address in use. */
  record Listening(SimulatedNode node, Map<String, RpcService.Binding<?, ?>> bindings) {
    @SuppressWarnings("unchecked")
    <Q, R> RpcService.Binding<Q, R> binding(RpcMethod<Q, R> method) {
      // A name stands for one pair of message types on both sides, as on a real wire.
      return (RpcService.Binding<Q, R>) bindings.get(method.fullName());
    }
  }
}
