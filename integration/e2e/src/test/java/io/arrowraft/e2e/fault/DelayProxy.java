package io.arrowraft.e2e.fault;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Stands in front of a server and hands on to it, in order and late, what comes for it; what the
 * server says goes back at once. On another address of the loopback with the server's port.
 */
final class DelayProxy implements AutoCloseable {
  private static final int PIECE_BYTES = 64 << 10;

  /** What waits in one connection; beyond it the sender has to wait too. */
  private static final int PIECES_MAX = 4_096;

  private final ServerSocket listener;
  private final InetSocketAddress server;
  private final SplittableRandom random;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Socket> sockets = new ArrayList<>();
  private volatile int leastMillis;
  private volatile int mostMillis;

  /**
   * Some bytes for the server.
   *
   * @param dueNanos when they go on
   */
  private record Piece(byte[] bytes, long dueNanos) {}

  private DelayProxy(ServerSocket listener, InetSocketAddress server, long seed) {
    this.listener = listener;
    this.server = server;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Listens, and delays nothing yet.
   *
   * @param host where it listens; the server is at 127.0.0.1
   */
  static DelayProxy start(String host, int port, long seed) throws IOException {
    ServerSocket listener = new ServerSocket(port, 128, InetAddress.getByName(host));
    DelayProxy proxy = new DelayProxy(listener, new InetSocketAddress("127.0.0.1", port), seed);
    proxy.inBackground("accept", proxy::accept);
    return proxy;
  }

  /** From now on everything is so late, each piece by a time of its own, none before another. */
  void delay(int least, int most) {
    leastMillis = least;
    mostMillis = most;
  }

  private void accept() {
    try {
      while (closed.getCount() > 0) {
        connect(listener.accept());
      }
    } catch (IOException ended) {
      close();
    }
  }

  private void connect(Socket caller) throws IOException {
    Socket callee = new Socket();
    track(caller, callee);
    try {
      callee.connect(server);
    } catch (IOException refused) {
      caller.close();
      return;
    }
    caller.setTcpNoDelay(true);
    callee.setTcpNoDelay(true);
    BlockingQueue<Piece> late = new LinkedBlockingQueue<>(PIECES_MAX);
    inBackground("read", () -> guarded(caller, callee, () -> read(caller, late)));
    inBackground("write", () -> guarded(caller, callee, () -> write(late, callee)));
    inBackground(
        "back",
        () ->
            guarded(
                caller,
                callee,
                () -> callee.getInputStream().transferTo(caller.getOutputStream())));
  }

  private void read(Socket caller, BlockingQueue<Piece> late)
      throws IOException, InterruptedException {
    InputStream in = caller.getInputStream();
    byte[] buffer = new byte[PIECE_BYTES];
    long due = System.nanoTime();
    int count;
    while ((count = in.read(buffer)) >= 0) {
      due = Math.max(due, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(nextMillis()));
      late.put(new Piece(Arrays.copyOf(buffer, count), due));
    }
  }

  private void write(BlockingQueue<Piece> late, Socket callee)
      throws IOException, InterruptedException {
    OutputStream out = callee.getOutputStream();
    while (!callee.isClosed()) {
      Piece next = late.poll(1, TimeUnit.SECONDS);
      if (next == null) {
        continue;
      }
      if (closed.await(next.dueNanos() - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return;
      }
      out.write(next.bytes());
      out.flush();
    }
  }

  private synchronized int nextMillis() {
    return mostMillis == 0 ? 0 : random.nextInt(leastMillis, mostMillis + 1);
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  /** A connection ends as a whole. */
  private static void guarded(Socket one, Socket other, Work work) {
    try (one;
        other) {
      work.run();
    } catch (IOException broken) {
      // The other end has gone, or the proxy is closed: whoever called will see that.
      return;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void inBackground(String name, Runnable work) {
    Thread thread = new Thread(work, "delay-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  private void track(Socket... some) {
    synchronized (sockets) {
      sockets.removeIf(Socket::isClosed);
      sockets.addAll(List.of(some));
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      listener.close();
      synchronized (sockets) {
        for (Socket socket : sockets) {
          socket.close();
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
