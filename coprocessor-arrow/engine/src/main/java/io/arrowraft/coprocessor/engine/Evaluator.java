package io.arrowraft.coprocessor.engine;

/** A compiled expression. The vector it returns is good until it is asked again. */
@FunctionalInterface
interface Evaluator {
  Vector evaluate(RowBatch batch);
}
