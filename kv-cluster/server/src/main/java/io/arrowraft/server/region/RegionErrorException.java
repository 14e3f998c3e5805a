package io.arrowraft.server.region;

import io.arrowraft.proto.errorpb.Error;
import java.util.Objects;

/** A request that the region refused: it has had and will have no effect. */
public final class RegionErrorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Error error;

  public RegionErrorException(Error error) {
    // A refusal is a result, and a frequent one: the stack would say nothing.
    super(Objects.requireNonNull(error, "error").getMessage(), null, false, false);
    this.error = error;
  }

  /** What to put into the response's {@code region_error}. */
  public Error error() {
    return error;
  }
}
