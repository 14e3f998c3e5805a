package io.arrowraft.bench.tpcc;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.table.LoadOptions;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Iterator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The tables, by the names of the specification. */
record TpccTables(
    TableHandle warehouse,
    TableHandle district,
    TableHandle customer,
    TableHandle item,
    TableHandle stock,
    TableHandle orders,
    TableHandle newOrder,
    TableHandle orderLine,
    TableHandle history) {
  private static final DataType ID = DataType.INTEGER;
  private static final DataType MONEY = DataType.parse("DECIMAL(12,2)");
  private static final DataType RATE = DataType.parse("DECIMAL(4,4)");
  private static final Duration LOAD_MAX = Duration.ofMinutes(30);

  /** Creates and fills the tables. */
  static TpccTables create(ArrowraftClient client, Sizes sizes) {
    client.await(client.tables().createNamespace("tpcc"));
    TpccTables tables =
        new TpccTables(
            create(
                client,
                TableDefinition.named("tpcc.warehouse")
                    .required("w_id", ID)
                    .required("w_tax", RATE)
                    .required("w_ytd", MONEY)
                    .primaryKey("w_id")),
            create(
                client,
                TableDefinition.named("tpcc.district")
                    .required("d_w_id", ID)
                    .required("d_id", ID)
                    .required("d_tax", RATE)
                    .required("d_ytd", MONEY)
                    .required("d_next_o_id", ID)
                    .primaryKey("d_w_id", "d_id")),
            create(
                client,
                TableDefinition.named("tpcc.customer")
                    .required("c_w_id", ID)
                    .required("c_d_id", ID)
                    .required("c_id", ID)
                    .required("c_last", DataType.STRING)
                    .required("c_discount", RATE)
                    .required("c_balance", MONEY)
                    .required("c_ytd_payment", MONEY)
                    .required("c_payment_cnt", ID)
                    .primaryKey("c_w_id", "c_d_id", "c_id")
                    .index("by_name", "c_w_id", "c_d_id", "c_last")),
            create(
                client,
                TableDefinition.named("tpcc.item")
                    .required("i_id", ID)
                    .required("i_name", DataType.STRING)
                    .required("i_price", MONEY)
                    .primaryKey("i_id")),
            create(
                client,
                TableDefinition.named("tpcc.stock")
                    .required("s_w_id", ID)
                    .required("s_i_id", ID)
                    .required("s_quantity", ID)
                    .required("s_ytd", ID)
                    .required("s_order_cnt", ID)
                    .required("s_remote_cnt", ID)
                    .primaryKey("s_w_id", "s_i_id")),
            create(
                client,
                TableDefinition.named("tpcc.orders")
                    .required("o_w_id", ID)
                    .required("o_d_id", ID)
                    .required("o_id", ID)
                    .required("o_c_id", ID)
                    .required("o_ol_cnt", ID)
                    .required("o_all_local", ID)
                    .primaryKey("o_w_id", "o_d_id", "o_id")),
            create(
                client,
                TableDefinition.named("tpcc.new_order")
                    .required("no_w_id", ID)
                    .required("no_d_id", ID)
                    .required("no_o_id", ID)
                    .primaryKey("no_w_id", "no_d_id", "no_o_id")),
            create(
                client,
                TableDefinition.named("tpcc.order_line")
                    .required("ol_w_id", ID)
                    .required("ol_d_id", ID)
                    .required("ol_o_id", ID)
                    .required("ol_number", ID)
                    .required("ol_i_id", ID)
                    .required("ol_supply_w_id", ID)
                    .required("ol_quantity", ID)
                    .required("ol_amount", MONEY)
                    .primaryKey("ol_w_id", "ol_d_id", "ol_o_id", "ol_number")),
            create(
                client,
                TableDefinition.named("tpcc.history")
                    .required("h_c_w_id", ID)
                    .required("h_c_d_id", ID)
                    .required("h_c_id", ID)
                    .required("h_w_id", ID)
                    .required("h_d_id", ID)
                    .required("h_amount", MONEY)));
    tables.fill(client, sizes);
    return tables;
  }

  private static TableHandle create(ArrowraftClient client, TableDefinition.Builder definition) {
    return client.tables().handle(client.await(client.tables().createTable(definition.build())));
  }

  private void fill(ArrowraftClient client, Sizes sizes) {
    SplittableRandom random = new SplittableRandom(1);
    load(
        client,
        item,
        numbers(sizes.items())
            .map(
                i -> item.row(i, "item " + i, BigDecimal.valueOf(random.nextInt(100, 10_000), 2))));
    for (int w = 1; w <= sizes.warehouses(); w++) {
      int warehouseId = w;
      // Every district begins with 30,000.00, and the warehouse with their sum (clause 4.3.3.1).
      load(
          client,
          warehouse,
          Stream.of(warehouse.row(w, rate(random), BigDecimal.valueOf(30_000_000, 2))));
      load(
          client,
          district,
          numbers(Sizes.DISTRICTS)
              .map(
                  d ->
                      district.row(
                          warehouseId, d, rate(random), BigDecimal.valueOf(3_000_000, 2), 1)));
      load(
          client,
          customer,
          numbers(Sizes.DISTRICTS)
              .flatMap(
                  d ->
                      numbers(sizes.customers())
                          .map(
                              c ->
                                  customer.row(
                                      warehouseId,
                                      d,
                                      c,
                                      LastNames.of(c % 1000),
                                      rate(random),
                                      BigDecimal.valueOf(-1_000, 2),
                                      BigDecimal.valueOf(1_000, 2),
                                      1))));
      load(
          client,
          stock,
          numbers(sizes.items())
              .map(i -> stock.row(warehouseId, i, random.nextInt(10, 101), 0, 0, 0)));
    }
  }

  private static Stream<Integer> numbers(int count) {
    return IntStream.rangeClosed(1, count).boxed();
  }

  private static BigDecimal rate(SplittableRandom random) {
    return BigDecimal.valueOf(random.nextInt(0, 2_001), 4);
  }

  private static void load(ArrowraftClient client, TableHandle table, Stream<Row> rows) {
    Iterator<Row> iterator = rows.iterator();
    client.await(table.load(iterator, LoadOptions.defaults(), done -> {}), LOAD_MAX);
  }
}
