package io.arrowraft.spark.read;

import io.arrowraft.coprocessor.read.TableReader;
import java.io.Serializable;

/** Where tasks get their batches from. Travels to executors. */
public interface BatchSource extends Serializable {
  /** Starts to read. */
  TableReader open(ReadTask task);
}
