package io.arrowraft.pd.state;

import com.google.protobuf.ByteString;

/**
 * A service's claim that garbage collection stays below a safe point.
 *
 * @param expiresAt seconds since the epoch; {@link Long#MAX_VALUE}: never
 */
public record ServiceHold(ByteString service, long safePoint, long expiresAt) {

  /** The garbage collector's own claim, which always exists and never expires. */
  public static final ByteString GC_WORKER = ByteString.copyFromUtf8("gc_worker");

  boolean expired(long now) {
    return expiresAt <= now;
  }
}
