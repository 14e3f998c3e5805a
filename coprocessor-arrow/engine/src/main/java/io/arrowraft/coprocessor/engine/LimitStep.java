package io.arrowraft.coprocessor.engine;

/** Lets the first rows through. */
final class LimitStep extends Step {
  private long left;

  LimitStep(long count, Step next) {
    super(next);
    left = count;
  }

  @Override
  void accept(RowBatch batch) {
    if (left == 0) {
      return;
    }
    int arrived = batch.count;
    batch.count = (int) Math.min(left, arrived);
    left -= batch.count;
    next.accept(batch);
    batch.count = arrived;
  }

  @Override
  boolean satisfied() {
    return left == 0 || super.satisfied();
  }
}
