package io.arrowraft.pd.flow;

/** Traffic per second. */
public record Rates(double bytes, double keys, double queries) {
  public static final Rates NONE = new Rates(0, 0, 0);

  /** What traffic is measured by. */
  public enum Measure {
    BYTES,
    KEYS,
    QUERIES
  }

  public double of(Measure measure) {
    return switch (measure) {
      case BYTES -> bytes;
      case KEYS -> keys;
      case QUERIES -> queries;
    };
  }

  public Rates plus(Rates other, double times) {
    return new Rates(
        bytes + times * other.bytes, keys + times * other.keys, queries + times * other.queries);
  }

  /** A part of the way from these rates to others. */
  Rates towards(Rates sample, double part) {
    return new Rates(
        bytes + part * (sample.bytes - bytes),
        keys + part * (sample.keys - keys),
        queries + part * (sample.queries - queries));
  }

  /** Whether at least one of them reaches a floor and is well above the mean. */
  boolean exceeds(Rates floor, Rates mean, double factor) {
    return (bytes >= floor.bytes && bytes > factor * mean.bytes)
        || (keys >= floor.keys && keys > factor * mean.keys)
        || (queries >= floor.queries && queries > factor * mean.queries);
  }
}
