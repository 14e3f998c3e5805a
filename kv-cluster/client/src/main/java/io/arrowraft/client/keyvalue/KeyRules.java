package io.arrowraft.client.keyvalue;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.options.Limits;
import io.arrowraft.runtime.Bytes;

/** What a key, a value or a limit must look like; broken rules are told before anything is sent. */
public final class KeyRules {
  private final Limits limits;

  public KeyRules(Limits limits) {
    this.limits = limits;
  }

  public Bytes key(Bytes key) {
    if (key.isEmpty()) {
      throw new InvalidRequestException(ErrorCode.KEY_EMPTY, "a key must not be empty");
    }
    if (key.length() > limits.keyBytesMax()) {
      throw new InvalidRequestException(
          ErrorCode.KEY_TOO_LONG,
          "a key has " + key.length() + " bytes, at most " + limits.keyBytesMax() + " are allowed");
    }
    return key;
  }

  public Bytes value(Bytes value) {
    if (value.length() > limits.valueBytesMax()) {
      throw new InvalidRequestException(
          ErrorCode.VALUE_TOO_LARGE,
          "a value has "
              + value.length()
              + " bytes, at most "
              + limits.valueBytesMax()
              + " are allowed");
    }
    return value;
  }

  /** The rows that a scan may return. */
  public int scanLimit(int limit) {
    if (limit < 1) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT, "the limit of a scan must be at least 1 but is " + limit);
    }
    return Math.min(limit, limits.scanRowsMax());
  }
}
