package io.arrowraft.pd.operator;

/**
 * How many peers a store may gain and lose.
 *
 * @param addPerMinute large peers that are added in a minute
 * @param removePerMinute large peers that are removed in a minute
 */
public record StoreLimit(double addPerMinute, double removePerMinute) {
  /** From this rate on nothing is counted. */
  public static final double UNLIMITED = 100_000;

  public StoreLimit {
    if (!(addPerMinute > 0) || !(removePerMinute > 0)) {
      throw new IllegalArgumentException(
          "a store limit must be more than 0 peers a minute, is add-peer "
              + addPerMinute
              + ", remove-peer "
              + removePerMinute
              + "; for no limit give "
              + UNLIMITED);
    }
  }

  double rate(StoreLimiter.Type type) {
    return type == StoreLimiter.Type.ADD_PEER ? addPerMinute : removePerMinute;
  }
}
