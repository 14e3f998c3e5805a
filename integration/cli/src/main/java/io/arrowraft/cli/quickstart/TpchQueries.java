package io.arrowraft.cli.quickstart;

import java.util.List;

/**
 * The TPC-H queries that the quickstart asks, in the specification's words with its validation
 * parameters.
 */
final class TpchQueries {
  /**
   * @param name as users know it
   * @param title what it asks
   * @param sql with table names bare, to be resolved by the session's current namespace or views
   * @param aggregatedInStores whether every aggregate must run next to the data
   */
  record Query(String name, String title, String sql, boolean aggregatedInStores) {}

  private TpchQueries() {}

  static List<Query> all() {
    return List.of(Q1, Q3, Q6, Q14);
  }

  private static final Query Q1 =
      new Query(
          "Q1",
          "pricing summary report",
          """
          SELECT l_returnflag, l_linestatus,
            sum(l_quantity) AS sum_qty,
            sum(l_extendedprice) AS sum_base_price,
            sum(l_extendedprice * (1 - l_discount)) AS sum_disc_price,
            sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS sum_charge,
            avg(l_quantity) AS avg_qty,
            avg(l_extendedprice) AS avg_price,
            avg(l_discount) AS avg_disc,
            count(*) AS count_order
          FROM lineitem
          WHERE l_shipdate <= DATE '1998-12-01' - INTERVAL '90' DAY
          GROUP BY l_returnflag, l_linestatus
          ORDER BY l_returnflag, l_linestatus
          """,
          true);

  private static final Query Q3 =
      new Query(
          "Q3",
          "shipping priority",
          """
          SELECT l_orderkey, sum(l_extendedprice * (1 - l_discount)) AS revenue,
            o_orderdate, o_shippriority
          FROM customer, orders, lineitem
          WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey
            AND o_orderdate < DATE '1995-03-15' AND l_shipdate > DATE '1995-03-15'
          GROUP BY l_orderkey, o_orderdate, o_shippriority
          ORDER BY revenue DESC, o_orderdate, l_orderkey
          LIMIT 10
          """,
          false);

  private static final Query Q6 =
      new Query(
          "Q6",
          "forecasting revenue change",
          """
          SELECT sum(l_extendedprice * l_discount) AS revenue
          FROM lineitem
          WHERE l_shipdate >= DATE '1994-01-01'
            AND l_shipdate < DATE '1994-01-01' + INTERVAL '1' YEAR
            AND l_discount BETWEEN 0.06 - 0.01 AND 0.06 + 0.01
            AND l_quantity < 24
          """,
          true);

  private static final Query Q14 =
      new Query(
          "Q14",
          "promotion effect",
          """
          SELECT 100.00 * sum(CASE WHEN p_type LIKE 'PROMO%'
              THEN l_extendedprice * (1 - l_discount) ELSE 0 END)
            / sum(l_extendedprice * (1 - l_discount)) AS promo_revenue
          FROM lineitem, part
          WHERE l_partkey = p_partkey
            AND l_shipdate >= DATE '1995-09-01'
            AND l_shipdate < DATE '1995-09-01' + INTERVAL '1' MONTH
          """,
          false);
}
