package io.arrowraft.client.options;

import java.time.Duration;

/**
 * Which quicker kinds of commit to ask the stores for; what they cannot do falls back to two
 * phases.
 *
 * @param onePhase commit with the prewrite when one request carries the whole transaction
 * @param async count as committed once every key is locked
 * @param asyncKeysMax most keys of an asynchronous commit: its primary lock lists them all
 * @param asyncKeyBytesMax most bytes of those keys together
 * @param laterAtMost how much later than the prewrite such a commit may be timed
 */
public record CommitModes(
    boolean onePhase, boolean async, int asyncKeysMax, int asyncKeyBytesMax, Duration laterAtMost) {
  public CommitModes {
    Checks.positive("asyncKeysMax", asyncKeysMax);
    Checks.positive("asyncKeyBytesMax", asyncKeyBytesMax);
    Checks.positive("laterAtMost", laterAtMost);
  }

  /** Two phases always. */
  public static CommitModes twoPhase() {
    return new CommitModes(false, false, 256, 4 << 10, Duration.ofSeconds(2));
  }

  /** One phase and asynchronous where they fit: up to 256 keys, 4 KiB of keys, 2 s. */
  public static CommitModes early() {
    return new CommitModes(true, true, 256, 4 << 10, Duration.ofSeconds(2));
  }
}
