package io.arrowraft.pd.state;

/** This member cannot carry out a command now; whether a proposed one takes effect is open. */
public final class NotLeaderException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NotLeaderException(String message) {
    super(message);
  }
}
