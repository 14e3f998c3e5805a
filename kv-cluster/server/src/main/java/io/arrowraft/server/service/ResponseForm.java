package io.arrowraft.server.service;

import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.kvrpcpb.KeyError;
import java.util.function.Function;

/**
 * How the responses of one method say no.
 *
 * @param regionError a response with {@code region_error}
 * @param keyError a response with a key error
 * @param invalid a response to a request that is wrong in itself
 */
record ResponseForm<R>(
    Function<Error, R> regionError, Function<KeyError, R> keyError, Function<String, R> invalid) {

  /** For transactional methods: what is wrong aborts the transaction. */
  static <R> ResponseForm<R> transactional(
      Function<Error, R> regionError, Function<KeyError, R> keyError) {
    return new ResponseForm<>(
        regionError,
        keyError,
        message -> keyError.apply(KeyError.newBuilder().setAbort(message).build()));
  }

  /** For raw methods: an error is text. */
  static <R> ResponseForm<R> raw(Function<Error, R> regionError, Function<String, R> error) {
    return new ResponseForm<>(
        regionError, keyError -> error.apply("key error: " + keyError), error);
  }
}
