package io.arrowraft.client.keyvalue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.runtime.Bytes;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Between this client's values and those of the wire. */
public final class Wire {
  private Wire() {}

  /** The same bytes, not copied: both sides are immutable. */
  public static ByteString of(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.unsafeArray());
  }

  public static Bytes of(ByteString bytes) {
    return Bytes.wrap(bytes.toByteArray());
  }

  /** Reads a response's region error. */
  public static <R> Function<R, Optional<Error>> regionError(
      Predicate<R> has, Function<R, Error> get) {
    return response -> has.test(response) ? Optional.of(get.apply(response)) : Optional.empty();
  }
}
