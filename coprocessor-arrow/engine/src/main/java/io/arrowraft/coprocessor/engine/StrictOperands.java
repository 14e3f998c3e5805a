package io.arrowraft.coprocessor.engine;

/** NULL and errors of operators that are NULL where an argument is, and look left to right. */
final class StrictOperands {
  private StrictOperands() {}

  /** Resets {@code result} and marks the rows that need no value. */
  static void begin(Vector result, Vector left, Vector right, int count) {
    result.reset(count);
    if (left.hasNulls || right.hasNulls) {
      for (int i = 0; i < count; i++) {
        boolean isNull = left.nulls[i] | right.nulls[i];
        result.nulls[i] = isNull;
        result.hasNulls |= isNull;
      }
    }
    if (left.hasErrors || right.hasErrors) {
      for (int i = 0; i < count; i++) {
        int error = left.errorAt(i);
        if (error == 0 && !left.isNull(i)) {
          error = right.errorAt(i);
        }
        if (error != 0) {
          result.nulls[i] = false;
          result.markError(i, Vector.codeOf(error));
        }
      }
    }
  }

  static void begin(Vector result, Vector argument, int count) {
    begin(result, argument, argument, count);
  }

  /** After a kernel that wrote every row: values of NULL and failed rows go back to zero. */
  static void finish(Vector result, int count) {
    if (result.hasNulls || result.hasErrors) {
      for (int i = 0; i < count; i++) {
        if (result.isNull(i) || result.errorAt(i) != 0) {
          result.clearValue(i);
        }
      }
    }
  }

  /** Whether the row needs a value. */
  static boolean needsValue(Vector result, int row) {
    return !result.isNull(row) && result.errorAt(row) == 0;
  }
}
