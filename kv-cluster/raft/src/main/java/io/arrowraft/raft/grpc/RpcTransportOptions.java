package io.arrowraft.raft.grpc;

import java.time.Duration;
import java.util.Objects;

/**
 * @param queuedMax messages that wait for the stream to one store
 * @param queuedBytesMax their bytes
 * @param batchBytesMax messages in one batch; a single larger one still goes
 * @param reconnectDelay a broken stream is opened again no sooner
 * @param snapshotsMax snapshots being sent at a time; further ones are refused, and asked for again
 * @param snapshotTimeout a snapshot that takes longer is given up
 */
public record RpcTransportOptions(
    int queuedMax,
    long queuedBytesMax,
    long batchBytesMax,
    Duration reconnectDelay,
    int snapshotsMax,
    Duration snapshotTimeout) {
  public RpcTransportOptions {
    Objects.requireNonNull(reconnectDelay, "reconnectDelay");
    Objects.requireNonNull(snapshotTimeout, "snapshotTimeout");
    if (queuedMax < 1 || queuedBytesMax < batchBytesMax || batchBytesMax < 1 || snapshotsMax < 1) {
      throw new IllegalArgumentException("a limit is out of range");
    }
  }

  public static RpcTransportOptions defaults() {
    return new RpcTransportOptions(
        65_536, 64 << 20, 2 << 20, Duration.ofMillis(200), 32, Duration.ofMinutes(5));
  }
}
