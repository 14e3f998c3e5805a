package io.arrowraft.bench.tpcc;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.RowPage;
import io.arrowraft.client.table.StoredRow;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.txn.Snapshot;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Conditions 1 to 4 of clause 3.3.2, as of one timestamp. */
final class Consistency {
  private static final int PAGE_ROWS = 10_000;

  /** What the tables say of one district. */
  private static final class District {
    private long nextOrder;
    private long lastOrder;
    private long lastNewOrder;
    private long firstNewOrder = Long.MAX_VALUE;
    private long newOrders;
    private long linesPromised;
    private long lines;
  }

  private final ArrowraftClient client;
  private final TpccTables tables;
  private final Sizes sizes;
  private final List<String> violations = new ArrayList<>();

  Consistency(ArrowraftClient client, TpccTables tables, Sizes sizes) {
    this.client = client;
    this.tables = tables;
    this.sizes = sizes;
  }

  List<String> violations() {
    Snapshot snapshot = client.await(client.snapshot());
    Map<List<Long>, District> districts = new TreeMap<>(Consistency::compare);
    Map<Long, BigDecimal> paidToDistricts = new TreeMap<>();
    each(
        snapshot,
        tables.district(),
        row -> {
          district(districts, row, "d_w_id", "d_id").nextOrder = row.getLong("d_next_o_id");
          paidToDistricts.merge(row.getLong("d_w_id"), row.getDecimal("d_ytd"), BigDecimal::add);
        });
    check(districts.size() == sizes.warehouses() * Sizes.DISTRICTS, "districts are missing");
    each(
        snapshot,
        tables.warehouse(),
        row ->
            check(
                row.getDecimal("w_ytd").compareTo(paidToDistricts.get(row.getLong("w_id"))) == 0,
                "condition 1: warehouse %s has %s, its districts %s"
                    .formatted(
                        row.getLong("w_id"),
                        row.getDecimal("w_ytd"),
                        paidToDistricts.get(row.getLong("w_id")))));
    each(
        snapshot,
        tables.orders(),
        row -> {
          District district = district(districts, row, "o_w_id", "o_d_id");
          district.lastOrder = Math.max(district.lastOrder, row.getLong("o_id"));
          district.linesPromised += row.getLong("o_ol_cnt");
        });
    each(
        snapshot,
        tables.newOrder(),
        row -> {
          District district = district(districts, row, "no_w_id", "no_d_id");
          long order = row.getLong("no_o_id");
          district.lastNewOrder = Math.max(district.lastNewOrder, order);
          district.firstNewOrder = Math.min(district.firstNewOrder, order);
          district.newOrders++;
        });
    each(
        snapshot,
        tables.orderLine(),
        row -> district(districts, row, "ol_w_id", "ol_d_id").lines++);
    districts.forEach(this::check);
    return violations;
  }

  private void check(List<Long> id, District district) {
    check(
        district.nextOrder - 1 == district.lastOrder && district.lastOrder == district.lastNewOrder,
        "condition 2: district %s would give order %d next, has order %d and new order %d last"
            .formatted(id, district.nextOrder, district.lastOrder, district.lastNewOrder));
    check(
        district.newOrders == 0
            || district.lastNewOrder - district.firstNewOrder + 1 == district.newOrders,
        "condition 3: district %s has %d new orders from %d to %d"
            .formatted(id, district.newOrders, district.firstNewOrder, district.lastNewOrder));
    check(
        district.linesPromised == district.lines,
        "condition 4: district %s has %d lines, its orders say %d"
            .formatted(id, district.lines, district.linesPromised));
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      violations.add(otherwise);
    }
  }

  private static District district(
      Map<List<Long>, District> districts, Row row, String warehouse, String district) {
    return districts.computeIfAbsent(
        List.of(row.getLong(warehouse), row.getLong(district)), none -> new District());
  }

  private static int compare(List<Long> one, List<Long> other) {
    int byWarehouse = one.get(0).compareTo(other.get(0));
    return byWarehouse != 0 ? byWarehouse : one.get(1).compareTo(other.get(1));
  }

  private void each(Snapshot snapshot, TableHandle table, Consumer<Row> action) {
    RowPage page = client.await(table.scan(snapshot, PAGE_ROWS));
    while (true) {
      for (StoredRow row : page.rows()) {
        action.accept(row.row());
      }
      if (page.continuation().isEmpty()) {
        return;
      }
      page = client.await(table.scan(snapshot, page.continuation().get(), PAGE_ROWS));
    }
  }
}
