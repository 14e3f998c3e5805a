package io.arrowraft.coprocessor.read;

import java.util.List;
import org.apache.arrow.vector.FieldVector;

/**
 * Rows of one result batch, column by column. Valid until the next call of {@link
 * TableReader#next()} or {@link TableReader#close()}: the reader owns the buffers, and may hand out
 * the same vectors again with other contents.
 *
 * @param vectors one for each column of the plan's result
 * @param rowCount rows of each vector; may be positive where there is no column
 */
public record ReadBatch(List<FieldVector> vectors, int rowCount) {
  public ReadBatch {
    vectors = List.copyOf(vectors);
  }
}
