package io.arrowraft.spark.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.DecimalVector;
import org.apache.spark.sql.vectorized.ArrowColumnVector;
import org.junit.jupiter.api.Test;

class DecimalLongColumnVectorTest {
  private static final String[] VALUES = {
    "0.00", "1.23", "-1.23", null, "9999999999999.99", "-9999999999999.99", "0.01"
  };

  @Test
  void readsWhatSparksOwnVectorReads() {
    try (BufferAllocator allocator = new RootAllocator();
        DecimalVector vector = new DecimalVector("c", allocator, 15, 2)) {
      vector.allocateNew(VALUES.length);
      for (int i = 0; i < VALUES.length; i++) {
        if (VALUES[i] == null) {
          vector.setNull(i);
        } else {
          vector.set(i, new BigDecimal(VALUES[i]));
        }
      }
      vector.setValueCount(VALUES.length);
      DecimalLongColumnVector ours = new DecimalLongColumnVector(vector);
      ArrowColumnVector spark = new ArrowColumnVector(vector);
      assertThat(ours.dataType()).isEqualTo(spark.dataType());
      assertThat(ours.numNulls()).isEqualTo(1);
      for (int i = 0; i < VALUES.length; i++) {
        assertThat(ours.isNullAt(i)).isEqualTo(spark.isNullAt(i));
        assertThat(ours.getDecimal(i, 15, 2)).isEqualTo(spark.getDecimal(i, 15, 2));
        assertThat(ours.getDecimal(i, 25, 4)).isEqualTo(spark.getDecimal(i, 25, 4));
      }
    }
  }

  @Test
  void seesTheVectorsNewBuffersAfterARefresh() {
    try (BufferAllocator allocator = new RootAllocator();
        DecimalVector vector = new DecimalVector("c", allocator, 18, 0)) {
      vector.allocateNew(1);
      vector.set(0, 7L);
      vector.setValueCount(1);
      DecimalLongColumnVector ours = new DecimalLongColumnVector(vector);
      assertThat(ours.getLong(0)).isEqualTo(7);
      vector.clear();
      vector.allocateNew(2);
      vector.setNull(0);
      vector.set(1, -8L);
      vector.setValueCount(2);
      ours.refresh();
      assertThat(ours.isNullAt(0)).isTrue();
      assertThat(ours.getLong(1)).isEqualTo(-8);
    }
  }

  @Test
  void widerDecimalsAreRefused() {
    try (BufferAllocator allocator = new RootAllocator();
        DecimalVector vector = new DecimalVector("c", allocator, 19, 0)) {
      assertThatThrownBy(() -> new DecimalLongColumnVector(vector))
          .hasMessageContaining("19 digits");
    }
  }
}
