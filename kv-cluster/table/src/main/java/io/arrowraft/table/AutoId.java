package io.arrowraft.table;

/** How the integer primary key of a row that names none comes about. */
public sealed interface AutoId {
  AutoId NONE = new None();
  AutoId INCREMENT = new Increment();

  /** The row must name its key, or has a hidden one. */
  record None() implements AutoId {}

  /** From a counter: unique, growing within a client, with gaps. */
  record Increment() implements AutoId {}

  /**
   * From a counter below {@code shardBits} bits that differ from transaction to transaction, so
   * that inserts spread over regions instead of all meeting at the end of the table. The sign bit
   * stays clear.
   */
  record Random(int shardBits) implements AutoId {
    public static final int SHARD_BITS_DEFAULT = 5;
    private static final int SHARD_BITS_MAX = 15;

    public Random {
      if (shardBits < 1 || shardBits > SHARD_BITS_MAX) {
        throw new SchemaException(
            "auto-random takes 1 to " + SHARD_BITS_MAX + " shard bits, not " + shardBits);
      }
    }

    /** How many bits are left to the counter. */
    public int counterBits() {
      return Long.SIZE - 1 - shardBits;
    }

    /**
     * The id for a number of the counter.
     *
     * @param startTs of the transaction; its hash is the shard
     * @throws ValueException once the counter has used up its bits
     */
    public long idOf(long number, long startTs) {
      if (number < 1 || number >>> counterBits() != 0) {
        throw new ValueException(
            "the table's ids are used up: "
                + number
                + " needs more than "
                + counterBits()
                + " bits");
      }
      long shard = (startTs * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - shardBits);
      return shard << counterBits() | number;
    }
  }
}
