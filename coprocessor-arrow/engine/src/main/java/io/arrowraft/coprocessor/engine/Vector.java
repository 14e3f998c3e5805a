package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.DataType;
import java.util.Arrays;

/**
 * One column of a batch. NULL and errors are marked per row, and only where the flags say that
 * there are any; the value at such a row is zero or empty.
 */
abstract sealed class Vector permits LongVector, DoubleVector, BytesVector {
  private static final EvaluationException.Code[] CODES = EvaluationException.Code.values();

  final DataType type;
  boolean[] nulls = new boolean[0];
  boolean hasNulls;
  private byte[] errors = new byte[0];
  boolean hasErrors;

  Vector(DataType type) {
    this.type = type;
  }

  static Vector of(DataType type) {
    return switch (type.kind()) {
      case FLOAT, DOUBLE -> new DoubleVector(type);
      case STRING, BINARY, JSON -> new BytesVector(type);
      default -> new LongVector(type);
    };
  }

  /** Makes room for {@code count} rows, none of them NULL; values are left as they were. */
  void reset(int count) {
    if (nulls.length < count) {
      int capacity = Math.max(count, nulls.length * 2);
      nulls = new boolean[capacity];
      errors = new byte[0];
      allocate(capacity);
    } else if (hasNulls) {
      Arrays.fill(nulls, false);
    }
    if (hasErrors) {
      Arrays.fill(errors, (byte) 0);
    }
    hasNulls = false;
    hasErrors = false;
    resetValues();
  }

  /** Makes room for {@code count} rows and keeps those that are there. */
  final void reserve(int count) {
    if (nulls.length < count) {
      int capacity = Math.max(Math.max(count, 16), nulls.length * 2);
      nulls = Arrays.copyOf(nulls, capacity);
      if (hasErrors) {
        errors = Arrays.copyOf(errors, capacity);
      }
      reallocate(capacity);
    }
  }

  abstract void allocate(int capacity);

  abstract void reallocate(int capacity);

  abstract void resetValues();

  /** Sets the value of a NULL or failed row to zero or empty. */
  abstract void clearValue(int row);

  /** Takes row {@code from} of a vector of the same type. */
  final void copyRow(int row, Vector source, int from) {
    int error = source.errorAt(from);
    if (error != 0) {
      markError(row, CODES[error - 1]);
    } else if (source.isNull(from)) {
      markNull(row);
    } else {
      copyValue(row, source, from);
    }
  }

  abstract void copyValue(int row, Vector source, int from);

  /** Takes the rows at {@code positions} of a vector of the same type, which lends its bytes. */
  final void gather(Vector source, int[] positions, int count) {
    reset(count);
    if (source.hasNulls) {
      for (int i = 0; i < count; i++) {
        nulls[i] = source.nulls[positions[i]];
        hasNulls |= nulls[i];
      }
    }
    if (source.hasErrors) {
      for (int i = 0; i < count; i++) {
        if (source.errors[positions[i]] != 0) {
          markError(i, CODES[source.errors[positions[i]] - 1]);
        }
      }
    }
    gatherValues(source, positions, count);
  }

  abstract void gatherValues(Vector source, int[] positions, int count);

  /** Drops all rows but those at the ascending {@code positions}. */
  final void keep(int[] positions, int count) {
    if (hasErrors) {
      throw new IllegalStateException("rows of a vector with errors cannot be dropped in place");
    }
    if (hasNulls) {
      hasNulls = false;
      for (int i = 0; i < count; i++) {
        boolean isNull = nulls[positions[i]];
        nulls[i] = isNull;
        hasNulls |= isNull;
      }
      Arrays.fill(nulls, count, nulls.length, false);
    }
    keepValues(positions, count);
  }

  abstract void keepValues(int[] positions, int count);

  final boolean isNull(int row) {
    return hasNulls && nulls[row];
  }

  final void markNull(int row) {
    nulls[row] = true;
    hasNulls = true;
    clearValue(row);
  }

  final void markError(int row, EvaluationException.Code code) {
    if (errors.length < nulls.length) {
      errors = Arrays.copyOf(errors, nulls.length);
    }
    errors[row] = (byte) (code.ordinal() + 1);
    hasErrors = true;
    clearValue(row);
  }

  /** 0 for none, else one more than the ordinal of the code. */
  final int errorAt(int row) {
    return hasErrors ? errors[row] : 0;
  }

  static EvaluationException.Code codeOf(int error) {
    return CODES[error - 1];
  }

  /** Raises the first error: every row of this vector is about to be used. */
  final void raiseErrors(int count) {
    if (hasErrors) {
      for (int i = 0; i < count; i++) {
        if (errors[i] != 0) {
          throw new EvaluationException(codeOf(errors[i]));
        }
      }
    }
  }

  /** Heap bytes behind one row of capacity, for accounting. */
  abstract int bytesPerRow();
}
