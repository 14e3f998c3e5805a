package io.arrowraft.server.region;

/**
 * A write or split was proposed, and it is not known whether it will apply: the deadline passed, or
 * the replica went away meanwhile.
 */
public final class OutcomeUnknownException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long regionId;

  public OutcomeUnknownException(long regionId, String message) {
    super(message, null, false, false);
    this.regionId = regionId;
  }

  public long regionId() {
    return regionId;
  }
}
