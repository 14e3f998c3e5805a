package io.arrowraft.pd.http;

/** What stands in paths and queries. */
final class Paths {
  static final String API = "/pd/api/v1";

  private Paths() {}

  static long number(String what, String text) {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException(
          what + " must be a number, not '" + text + "'", notANumber);
    }
  }
}
