package io.arrowraft.bench.tpcc;

/**
 * How much there is.
 *
 * @param warehouses each with ten districts and a stock of every item
 * @param customers of each district
 * @param items that are sold
 */
public record Sizes(int warehouses, int customers, int items) {
  static final int DISTRICTS = 10;

  public Sizes {
    if (warehouses < 1 || customers < 1 || items < 15) {
      throw new IllegalArgumentException(
          "there must be a warehouse, a customer and 15 items at least, not "
              + warehouses
              + ", "
              + customers
              + " and "
              + items);
    }
  }
}
