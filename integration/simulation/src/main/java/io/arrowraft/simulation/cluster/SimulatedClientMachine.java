package io.arrowraft.simulation.cluster;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.simulation.workload.OperationLog;
import io.arrowraft.simulation.workload.Session;
import io.arrowraft.simulation.workload.Tides;
import io.arrowraft.simulation.workload.Workload;
import io.arrowraft.simulation.world.SimulatedNode;
import io.arrowraft.simulation.world.SimulatedWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A machine on which one client serves several sessions. */
public final class SimulatedClientMachine implements SimulatedMachine {
  private final SimulatedWorld world;
  private final SimulatedNode node;
  private final ClientOptions options;
  private final UnaryOperator<RpcClient> rpcWrapper;
  private final List<Session> sessions = new ArrayList<>();
  private final List<Workload> workloads = new ArrayList<>();
  private Tides tides;
  private OperationLog log;
  private ArrowraftClient client;
  private EventLoop loop;
  private int sessionsStarted;

  SimulatedClientMachine(
      SimulatedWorld world,
      String name,
      ClientOptions options,
      UnaryOperator<RpcClient> rpcWrapper) {
    this.world = world;
    this.node = world.newNode(name);
    this.options = options;
    this.rpcWrapper = rpcWrapper;
    connect();
  }

  @Override
  public SimulatedNode node() {
    return node;
  }

  public ArrowraftClient client() {
    return client;
  }

  /** Begins to work, now and after every restart: one session for each workload. */
  public void work(List<Workload> newWorkloads, Tides newTides, OperationLog newLog) {
    workloads.clear();
    workloads.addAll(newWorkloads);
    tides = newTides;
    log = newLog;
    startSessions();
  }

  /** No operation begins from now on, after a restart neither. */
  public void stopWork() {
    workloads.clear();
    sessions.forEach(Session::stop);
  }

  @Override
  public void start() {
    node.restart();
    connect();
    startSessions();
  }

  @Override
  public void crash(boolean losesPower) {
    node.crash();
    sessions.forEach(Session::abandon);
    sessions.clear();
  }

  private void connect() {
    Environment environment = node.environment();
    loop = environment.loops().newLoop("sessions");
    client =
        new ArrowraftClient(environment, rpcWrapper.apply(world.network().client(node)), options);
  }

  private void startSessions() {
    for (Workload workload : workloads) {
      String name = node.name() + "/" + sessionsStarted++;
      Session session =
          new Session(name, workload, client, loop, world.newGenerator(name), tides, log);
      sessions.add(session);
      session.start();
    }
  }
}
