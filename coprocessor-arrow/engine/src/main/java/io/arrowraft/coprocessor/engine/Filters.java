package io.arrowraft.coprocessor.engine;

/** Which rows a condition lets pass. */
final class Filters {
  private Filters() {}

  /**
   * Puts the positions of the rows that are true into {@code kept}; returns how many there are.
   *
   * @throws EvaluationException for the first row whose condition failed
   */
  static int passing(Vector condition, int count, int[] kept) {
    condition.raiseErrors(count);
    long[] values = ((LongVector) condition).values;
    int passed = 0;
    // NULL rows hold zero, so they fall out with the false ones; no branch on the data.
    for (int i = 0; i < count; i++) {
      kept[passed] = i;
      passed += (int) values[i];
    }
    return passed;
  }
}
