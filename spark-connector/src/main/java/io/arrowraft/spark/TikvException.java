package io.arrowraft.spark;

/** A request of a Spark user that cannot be served, with a code that programs may decide by. */
public final class TikvException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Stable reasons. */
  public enum Code {
    /** An option has no such name, or no such value; or a needed one is missing. */
    INVALID_OPTION,
    /** No placement driver answers at the addresses given. */
    NO_PLACEMENT_DRIVER,
    /** The read timestamp lies in the future, or is no timestamp. */
    INVALID_TIMESTAMP,
    /** The catalog does not do this. */
    UNSUPPORTED
  }

  private final Code code;

  public TikvException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public TikvException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
