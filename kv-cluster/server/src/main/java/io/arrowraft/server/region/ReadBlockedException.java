package io.arrowraft.server.region;

/** The leader's {@link ReadGuard} stands in the way of a replica's read. */
public final class ReadBlockedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final byte[] answer;

  public ReadBlockedException(long regionId, byte[] answer) {
    super("the leader of region " + regionId + " knows what blocks the read", null, false, false);
    this.answer = answer;
  }

  /** What the guard said. */
  public byte[] answer() {
    return answer;
  }
}
