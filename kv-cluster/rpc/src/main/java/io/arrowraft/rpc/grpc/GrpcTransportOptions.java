package io.arrowraft.rpc.grpc;

import java.time.Duration;

/**
 * How the gRPC transport behaves.
 *
 * @param ioThreads threads that read and write sockets
 * @param inboundMessageBytesMax the largest message taken
 * @param flowControlWindowBytes how much may be under way on one stream
 * @param callsPerConnectionMax calls that one client connection may have under way at a server; the
 *     client refuses to send further unary ones, which could only wait there until they are late.
 *     Peers share the I/O threads with clients, so that what clients have under way must be read
 *     within a fraction of an election's time, and answered well within its deadline: four times as
 *     many took two seconds on a machine that was short of processors, and every answer came late
 * @param keepAlive how often an idle connection is probed
 * @param shutdownBound how long closing waits for channels and threads
 */
public record GrpcTransportOptions(
    int ioThreads,
    int inboundMessageBytesMax,
    int flowControlWindowBytes,
    int callsPerConnectionMax,
    Duration keepAlive,
    Duration shutdownBound) {
  public GrpcTransportOptions {
    if (ioThreads < 1) {
      throw new IllegalArgumentException("ioThreads must be at least 1 but is " + ioThreads);
    }
    if (callsPerConnectionMax < 1) {
      throw new IllegalArgumentException(
          "callsPerConnectionMax must be at least 1 but is " + callsPerConnectionMax);
    }
    if (inboundMessageBytesMax < 1 << 20) {
      throw new IllegalArgumentException(
          "inboundMessageBytesMax must be at least 1 MiB but is " + inboundMessageBytesMax);
    }
  }

  /** Processors for each I/O thread: a process has several groups of them, and other work to do. */
  private static final int PROCESSORS_PER_IO_THREAD = 4;

  /**
   * Messages of up to 64 MiB, a window of 4 MiB, a probe each 10 s, and as few I/O threads as the
   * machine needs: what arrives on one thread is read, and answered, with fewer system calls.
   */
  public static GrpcTransportOptions defaults() {
    return new GrpcTransportOptions(
        Math.max(1, Runtime.getRuntime().availableProcessors() / PROCESSORS_PER_IO_THREAD),
        64 << 20,
        4 << 20,
        1_024,
        Duration.ofSeconds(10),
        Duration.ofSeconds(5));
  }
}
