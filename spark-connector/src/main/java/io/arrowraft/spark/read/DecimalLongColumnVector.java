package io.arrowraft.spark.read;

import java.math.BigDecimal;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.DecimalVector;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Decimals of up to 18 digits, read as the low 64 bits of Arrow's 128-bit values: Spark's own
 * vector makes a big number of each. Lies over the vector and owns nothing; {@link #refresh()}
 * after the vector was loaded anew.
 */
final class DecimalLongColumnVector extends ColumnVector {
  private static final int VALUE_BYTES = 16;

  private final DecimalVector vector;
  private final int precision;
  private final int scale;
  private long values;
  private long validity;
  private int nullCount;
  private int valueCount;

  DecimalLongColumnVector(DecimalVector vector) {
    super(DataTypes.createDecimalType(vector.getPrecision(), vector.getScale()));
    if (vector.getPrecision() > Decimal.MAX_LONG_DIGITS()) {
      throw new IllegalArgumentException(
          "a decimal of " + vector.getPrecision() + " digits does not fit a long");
    }
    this.vector = vector;
    this.precision = vector.getPrecision();
    this.scale = vector.getScale();
    refresh();
  }

  /** Takes over where the vector's values now are. */
  void refresh() {
    ArrowBuf data = vector.getDataBuffer();
    valueCount = vector.getValueCount();
    if (data.capacity() < (long) valueCount * VALUE_BYTES) {
      throw new IllegalStateException(
          valueCount + " decimals in a buffer of " + data.capacity() + " bytes");
    }
    values = data.memoryAddress();
    validity = vector.getValidityBuffer().memoryAddress();
    nullCount = vector.getNullCount();
  }

  @Override
  public boolean isNullAt(int row) {
    return nullCount > 0 && (Platform.getByte(null, validity + (row >> 3)) >> (row & 7) & 1) == 0;
  }

  /** The unscaled value. */
  @Override
  public long getLong(int row) {
    return Platform.getLong(null, values + (long) row * VALUE_BYTES);
  }

  @Override
  public Decimal getDecimal(int row, int wantedPrecision, int wantedScale) {
    if (isNullAt(row)) {
      return null;
    }
    long unscaled = getLong(row);
    if (wantedScale == scale && wantedPrecision >= precision) {
      return Decimal.createUnsafe(unscaled, wantedPrecision, wantedScale);
    }
    return Decimal.apply(BigDecimal.valueOf(unscaled, scale), wantedPrecision, wantedScale);
  }

  @Override
  public boolean hasNull() {
    return nullCount > 0;
  }

  @Override
  public int numNulls() {
    return nullCount;
  }

  /** The vector belongs to the reader. */
  @Override
  public void close() {
    values = 0;
    validity = 0;
    valueCount = 0;
  }

  private UnsupportedOperationException notA(String wanted) {
    return new UnsupportedOperationException("a " + type.sql() + " column holds no " + wanted);
  }

  @Override
  public boolean getBoolean(int row) {
    throw notA("boolean");
  }

  @Override
  public byte getByte(int row) {
    throw notA("byte");
  }

  @Override
  public short getShort(int row) {
    throw notA("short");
  }

  @Override
  public int getInt(int row) {
    return Math.toIntExact(getLong(row));
  }

  @Override
  public float getFloat(int row) {
    throw notA("float");
  }

  @Override
  public double getDouble(int row) {
    throw notA("double");
  }

  @Override
  public ColumnarArray getArray(int row) {
    throw notA("array");
  }

  @Override
  public ColumnarMap getMap(int row) {
    throw notA("map");
  }

  @Override
  public UTF8String getUTF8String(int row) {
    throw notA("string");
  }

  @Override
  public byte[] getBinary(int row) {
    throw notA("binary");
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    throw notA("child");
  }
}
