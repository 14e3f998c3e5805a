package io.arrowraft.bench.tpcc;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.table.IndexRange;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.StoredRow;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.txn.Transaction;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Enters new orders and payments. Each call is one transaction, run again when it loses. */
public final class Terminals {
  /** An order with an unused item number, of which there is one in a hundred (clause 2.4.1.4). */
  private static final class UnusedItem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusedItem() {
      super("an item number that nobody has", null, false, false);
    }
  }

  private final ArrowraftClient client;
  private final TpccTables tables;
  private final Sizes sizes;
  private final AtomicLong rolledBack = new AtomicLong();

  private Terminals(ArrowraftClient client, TpccTables tables, Sizes sizes) {
    this.client = client;
    this.tables = tables;
    this.sizes = sizes;
  }

  /** Creates and fills the tables. */
  public static Terminals open(ArrowraftClient client, Sizes sizes) {
    return new Terminals(client, TpccTables.create(client, sizes), sizes);
  }

  /** Orders that were rolled back since they named an item that is not there. */
  public long rolledBack() {
    return rolledBack.get();
  }

  /** What the conditions of consistency find wrong; nothing if they hold. */
  public List<String> violations() {
    return new Consistency(client, tables, sizes).violations();
  }

  private record Line(int item, int supplier, int quantity) {}

  /** One new order. */
  public void newOrder(SplittableRandom random) {
    int warehouse = 1 + random.nextInt(sizes.warehouses());
    int district = 1 + random.nextInt(Sizes.DISTRICTS);
    int customer = NonUniform.customer(random, sizes.customers());
    List<Line> lines = lines(random, warehouse);
    try {
      client.transact(
          transaction -> {
            enter(transaction, warehouse, district, customer, lines);
            return null;
          });
    } catch (UnusedItem expected) {
      rolledBack.incrementAndGet();
    }
  }

  private List<Line> lines(SplittableRandom random, int warehouse) {
    int count = random.nextInt(5, 16);
    boolean hasUnusedItem = random.nextInt(100) == 0;
    // Each item once: its stock is written by one line.
    TreeSet<Integer> items = new TreeSet<>();
    while (items.size() < count) {
      items.add(NonUniform.item(random, sizes.items()));
    }
    List<Line> lines = new ArrayList<>();
    for (int item : items) {
      boolean remote = sizes.warehouses() > 1 && random.nextInt(100) == 0;
      lines.add(
          new Line(item, remote ? other(random, warehouse) : warehouse, random.nextInt(1, 11)));
    }
    if (hasUnusedItem) {
      lines.set(count - 1, new Line(sizes.items() + 1, warehouse, 1));
    }
    return lines;
  }

  private int other(SplittableRandom random, int warehouse) {
    return 1 + (warehouse + random.nextInt(sizes.warehouses() - 1)) % sizes.warehouses();
  }

  private void enter(
      Transaction transaction, int warehouse, int district, int customer, List<Line> lines) {
    Row home = row(tables.warehouse().get(transaction, warehouse));
    Row place = row(tables.district().get(transaction, warehouse, district));
    Row buyer = row(tables.customer().get(transaction, warehouse, district, customer));
    Map<Integer, Row> items = new TreeMap<>();
    for (StoredRow item :
        client.await(
            tables
                .item()
                .getAll(transaction, lines.stream().map(line -> List.of(line.item())).toList()))) {
      items.put((int) item.row().getLong("i_id"), item.row());
    }
    if (items.size() < lines.size()) {
      throw new UnusedItem();
    }
    int order = (int) place.getLong("d_next_o_id");
    update(
        transaction,
        tables.district(),
        Map.of("d_w_id", warehouse, "d_id", district, "d_next_o_id", order + 1));
    boolean local = lines.stream().allMatch(line -> line.supplier() == warehouse);
    List<Row> entered = new ArrayList<>();
    BigDecimal rate =
        BigDecimal.ONE
            .subtract(buyer.getDecimal("c_discount"))
            .multiply(BigDecimal.ONE.add(home.getDecimal("w_tax")).add(place.getDecimal("d_tax")));
    for (int number = 1; number <= lines.size(); number++) {
      Line line = lines.get(number - 1);
      takeFromStock(transaction, line, warehouse);
      BigDecimal amount =
          items
              .get(line.item())
              .getDecimal("i_price")
              .multiply(BigDecimal.valueOf(line.quantity()))
              .multiply(rate)
              .setScale(2, RoundingMode.HALF_UP);
      entered.add(
          tables
              .orderLine()
              .row(
                  warehouse,
                  district,
                  order,
                  number,
                  line.item(),
                  line.supplier(),
                  line.quantity(),
                  amount));
    }
    client.await(
        tables
            .orders()
            .insert(
                transaction,
                tables
                    .orders()
                    .row(warehouse, district, order, customer, lines.size(), local ? 1 : 0)));
    client.await(
        tables.newOrder().insert(transaction, tables.newOrder().row(warehouse, district, order)));
    client.await(tables.orderLine().insertAll(transaction, entered));
  }

  private void takeFromStock(Transaction transaction, Line line, int warehouse) {
    Row stock = row(tables.stock().get(transaction, line.supplier(), line.item()));
    int left = (int) stock.getLong("s_quantity") - line.quantity();
    update(
        transaction,
        tables.stock(),
        Map.of(
            "s_w_id",
            line.supplier(),
            "s_i_id",
            line.item(),
            "s_quantity",
            left >= 10 ? left : left + 91,
            "s_ytd",
            (int) stock.getLong("s_ytd") + line.quantity(),
            "s_order_cnt",
            (int) stock.getLong("s_order_cnt") + 1,
            "s_remote_cnt",
            (int) stock.getLong("s_remote_cnt") + (line.supplier() == warehouse ? 0 : 1)));
  }

  /** One payment. */
  public void payment(SplittableRandom random) {
    int warehouse = 1 + random.nextInt(sizes.warehouses());
    int district = 1 + random.nextInt(Sizes.DISTRICTS);
    boolean remote = sizes.warehouses() > 1 && random.nextInt(100) < 15;
    int ofWarehouse = remote ? other(random, warehouse) : warehouse;
    int ofDistrict = remote ? 1 + random.nextInt(Sizes.DISTRICTS) : district;
    boolean byName = random.nextInt(100) < 60;
    int customer = NonUniform.customer(random, sizes.customers());
    String name = LastNames.of(NonUniform.lastName(random, sizes.customers()));
    BigDecimal amount = BigDecimal.valueOf(random.nextInt(100, 500_001), 2);
    client.transact(
        transaction -> {
          Row payer =
              byName
                  ? byName(transaction, ofWarehouse, ofDistrict, name, customer)
                  : row(tables.customer().get(transaction, ofWarehouse, ofDistrict, customer));
          Row home = row(tables.warehouse().get(transaction, warehouse));
          Row place = row(tables.district().get(transaction, warehouse, district));
          update(
              transaction,
              tables.warehouse(),
              Map.of("w_id", warehouse, "w_ytd", home.getDecimal("w_ytd").add(amount)));
          update(
              transaction,
              tables.district(),
              Map.of(
                  "d_w_id",
                  warehouse,
                  "d_id",
                  district,
                  "d_ytd",
                  place.getDecimal("d_ytd").add(amount)));
          update(
              transaction,
              tables.customer(),
              Map.of(
                  "c_w_id",
                  ofWarehouse,
                  "c_d_id",
                  ofDistrict,
                  "c_id",
                  (int) payer.getLong("c_id"),
                  "c_balance",
                  payer.getDecimal("c_balance").subtract(amount),
                  "c_ytd_payment",
                  payer.getDecimal("c_ytd_payment").add(amount),
                  "c_payment_cnt",
                  (int) payer.getLong("c_payment_cnt") + 1));
          client.await(
              tables
                  .history()
                  .insert(
                      transaction,
                      tables
                          .history()
                          .row(
                              ofWarehouse,
                              ofDistrict,
                              (int) payer.getLong("c_id"),
                              warehouse,
                              district,
                              amount)));
          return null;
        });
  }

  /** The one in the middle of those with a name (clause 2.5.2.2), through the index. */
  private Row byName(
      Transaction transaction, int warehouse, int district, String name, int otherwise) {
    List<StoredRow> namesakes =
        client
            .await(
                tables
                    .customer()
                    .index("by_name")
                    .scan(transaction, IndexRange.equalTo(warehouse, district, name), 1_000))
            .rows();
    return namesakes.isEmpty()
        ? row(tables.customer().get(transaction, warehouse, district, otherwise))
        : namesakes.get(namesakes.size() / 2).row();
  }

  private Row row(CompletableFuture<Optional<Row>> found) {
    return client
        .await(found)
        .orElseThrow(() -> new IllegalStateException("a row of the initial load is missing"));
  }

  private void update(Transaction transaction, TableHandle table, Map<String, Object> changes) {
    Row.Builder row = Row.builder();
    new LinkedHashMap<>(changes).forEach(row::set);
    if (!client.await(table.update(transaction, row.build()))) {
      throw new IllegalStateException("a row of the initial load is missing: " + changes);
    }
  }
}
