package io.arrowraft.runtime.threads;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.FaultHandler;
import io.arrowraft.runtime.LoopFactory;
import io.arrowraft.runtime.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loops and pools on real threads. Safe for use by any thread. */
public final class ThreadLoopFactory implements LoopFactory, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ThreadLoopFactory.class);
  private static final Duration CLOSE_BOUND = Duration.ofSeconds(10);

  private final String prefix;
  private final FaultHandler faults;
  private final List<ThreadEventLoop> loops = new ArrayList<>();
  private final List<ThreadWorkerPool> pools = new ArrayList<>();

  /**
   * @param prefix put before each thread's name, such as {@code store-1}
   * @param faults told of every exception that a task does not handle itself
   */
  public ThreadLoopFactory(String prefix, FaultHandler faults) {
    this.prefix = prefix;
    this.faults = faults;
  }

  @Override
  public synchronized EventLoop newLoop(String name) {
    ThreadEventLoop loop = new ThreadEventLoop(prefix + "-" + name, faults);
    loops.add(loop);
    loop.start();
    return loop;
  }

  @Override
  public synchronized WorkerPool newPool(String name, int threads, int queueMax) {
    ThreadWorkerPool pool = new ThreadWorkerPool(prefix + "-" + name, threads, queueMax, faults);
    pools.add(pool);
    return pool;
  }

  /** Ends every loop and pool; tasks that have not started are dropped. */
  @Override
  public synchronized void close() {
    loops.forEach(ThreadEventLoop::close);
    pools.forEach(pool -> pool.executor.shutdownNow());
    try {
      for (ThreadEventLoop loop : loops) {
        if (!loop.awaitEnd(CLOSE_BOUND)) {
          LOG.atWarn()
              .addKeyValue("loop", loop.name())
              .addKeyValue("bound", CLOSE_BOUND)
              .log("event loop did not end within the bound");
        }
      }
      for (ThreadWorkerPool pool : pools) {
        if (!pool.executor.awaitTermination(CLOSE_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
          LOG.atWarn()
              .addKeyValue("pool", pool.name())
              .addKeyValue("bound", CLOSE_BOUND)
              .log("worker pool did not end within the bound");
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class ThreadWorkerPool implements WorkerPool {
    private final String name;
    private final ThreadPoolExecutor executor;
    private final FaultHandler faults;

    ThreadWorkerPool(String name, int threads, int queueMax, FaultHandler faults) {
      this.name = name;
      this.faults = faults;
      AtomicInteger next = new AtomicInteger();
      this.executor =
          new ThreadPoolExecutor(
              threads,
              threads,
              30,
              TimeUnit.SECONDS,
              new ArrayBlockingQueue<>(queueMax),
              task -> {
                Thread thread = new Thread(task, name + "-" + next.getAndIncrement());
                thread.setDaemon(true);
                return thread;
              });
      executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void execute(Runnable task) {
      executor.execute(
          () -> {
            try {
              task.run();
            } catch (Throwable failure) {
              faults.fatal("worker pool " + name, failure);
            }
          });
    }
  }
}
