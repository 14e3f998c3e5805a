package io.arrowraft.pd.testing;

import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.LoopFactory;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcServers;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SplittableRandom;

/** Machines on one manual clock, with a network between them. */
public final class Machines {
  public final ManualLoop clock = new ManualLoop();
  public final SplittableRandom random;
  final MachineNetwork network = new MachineNetwork(this);
  private final Set<String> cuts = new LinkedHashSet<>();

  public Machines(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A machine, which is up. */
  public Machine machine(String host) {
    return new Machine(host);
  }

  /** Loses everything between two machines, from now on or no longer. */
  public void cut(Machine a, Machine b, boolean cut) {
    for (String pair : new String[] {a.host + ">" + b.host, b.host + ">" + a.host}) {
      if (cut) {
        cuts.add(pair);
      } else {
        cuts.remove(pair);
      }
    }
  }

  boolean isCut(Machine from, Machine to) {
    return cuts.contains(from.host + ">" + to.host);
  }

  /** One machine: its processes die with it, and it may stand still. */
  public final class Machine {
    public final String host;
    private final ArrayDeque<Runnable> held = new ArrayDeque<>();
    private long wallSkewMillis;
    private boolean up = true;
    private boolean paused;
    private int life;
    public MeterRegistry meters = new SimpleMeterRegistry();

    private Machine(String host) {
      this.host = host;
    }

    /** Whatever runs here ends at once. */
    public void crash() {
      up = false;
      life++;
      held.clear();
      paused = false;
      network.died(this);
    }

    public void boot() {
      up = true;
      meters = new SimpleMeterRegistry();
    }

    public boolean isUp() {
      return up;
    }

    /** Stands still, while time goes on; or goes on. */
    public void pause(boolean still) {
      paused = still;
      while (!paused && !held.isEmpty()) {
        held.pollFirst().run();
      }
    }

    public void stepWallClock(Duration by) {
      wallSkewMillis += by.toMillis();
    }

    int life() {
      return life;
    }

    /** Runs a task of a life of this machine, if that life goes on. */
    void run(int ofLife, Runnable task) {
      if (!up || ofLife != life) {
        return;
      }
      if (paused) {
        held.addLast(() -> run(ofLife, task));
      } else {
        task.run();
      }
    }

    public TimeSource time() {
      return new TimeSource() {
        @Override
        public long nanos() {
          return clock.nanos();
        }

        @Override
        public long wallMillis() {
          return clock.wallMillis() + wallSkewMillis;
        }
      };
    }

    public RpcServers servers() {
      return network.servers(this);
    }

    public RpcClient client() {
      return network.client(this);
    }

    /** A loop that ends with this life of the machine. */
    public EventLoop loop(String name) {
      int mine = life;
      return new EventLoop() {
        @Override
        public String name() {
          return name;
        }

        @Override
        public void execute(Runnable task) {
          clock.execute(() -> Machine.this.run(mine, task));
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
          boolean[] cancelled = new boolean[1];
          Timer timer =
              clock.schedule(
                  delay,
                  () ->
                      Machine.this.run(
                          mine,
                          () -> {
                            if (!cancelled[0]) {
                              task.run();
                            }
                          }));
          return () -> {
            cancelled[0] = true;
            timer.cancel();
          };
        }

        @Override
        public boolean inLoop() {
          return true;
        }
      };
    }

    public Environment environment() {
      return new Environment(
          time(),
          component -> new SplittableRandom(random.nextLong()),
          new LoopFactory() {
            @Override
            public EventLoop newLoop(String name) {
              return loop(name);
            }

            @Override
            public WorkerPool newPool(String name, int threads, int queueMax) {
              EventLoop loop = loop(name);
              return new WorkerPool() {
                @Override
                public String name() {
                  return name;
                }

                @Override
                public void execute(Runnable task) {
                  loop.execute(task);
                }
              };
            }
          },
          (component, cause) -> {
            throw new AssertionError(component, cause);
          },
          meters);
    }
  }
}
