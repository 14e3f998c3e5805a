package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.AggregateCall;

/** The state of one aggregate for all groups. */
abstract class Accumulator {

  /** Makes room for so many groups; new ones are empty. */
  abstract void grow(int groups);

  /** Heap bytes behind one group, values of any length left out. */
  abstract int bytesPerGroup();

  /**
   * Takes a batch of values.
   *
   * @param values null where the aggregate has no argument
   * @param groupOf the group of each row
   */
  abstract void add(Vector values, int[] groupOf, int count);

  /** How many rows the result of a group needs, 1 or more. */
  int parts(int group) {
    return 1;
  }

  /** Sets a row to a part of a group's result; parts beyond its own add nothing to a total. */
  abstract void emit(int group, int part, Vector target, int row);

  static Accumulator of(AggregateCall aggregate, MemoryBudget budget) {
    return switch (aggregate.function()) {
      case COUNT_ALL, COUNT -> new CountAccumulator();
      case SUM ->
          aggregate.type().isFloating()
              ? new DoubleSumAccumulator()
              : new SumAccumulator(aggregate.type());
      case MIN -> extreme(aggregate, -1, budget);
      case MAX -> extreme(aggregate, 1, budget);
    };
  }

  private static Accumulator extreme(AggregateCall aggregate, int sign, MemoryBudget budget) {
    return switch (aggregate.type().kind()) {
      case FLOAT, DOUBLE -> new DoubleExtremeAccumulator(sign);
      case STRING, BINARY, JSON -> new BytesExtremeAccumulator(sign, budget);
      default -> new LongExtremeAccumulator(sign);
    };
  }
}
