package io.arrowraft.cli.quickstart;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.table.LoadOptions;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.table.Column;
import io.arrowraft.table.TableSchema;
import io.trino.tpch.TpchTable;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Makes the TPC-H tables and loads them through transactions. */
final class TpchLoader {
  /** Loading never takes longer than this without being broken. */
  private static final Duration BOUND = Duration.ofHours(2);

  private final ArrowraftClient client;
  private final double scale;

  TpchLoader(ArrowraftClient client, double scale) {
    this.client = client;
    this.scale = scale;
  }

  /** Loads one table with a progress bar; how many rows it has. */
  long load(TpchTable<?> table) {
    TableHandle handle = create(table);
    List<Column> columns = handle.schema().columns();
    Iterator<List<Object>> values = TpchTables.rows(table, scale, 1, 1);
    Iterator<Row> rows =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return values.hasNext();
          }

          @Override
          public Row next() {
            return rowOf(columns, values.next());
          }
        };
    try (ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName("%-9s".formatted(TpchTables.name(table)))
            .setInitialMax(TpchTables.expectedRows(table, scale))
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(500)
            .showSpeed()
            .build()) {
      long loaded = client.await(handle.load(rows, LoadOptions.defaults(), bar::stepTo), BOUND);
      bar.maxHint(loaded);
      bar.stepTo(loaded);
      return loaded;
    }
  }

  private TableHandle create(TpchTable<?> table) {
    TableSchema described = TpchTables.schema(table, 1);
    TableDefinition.Builder definition = TableDefinition.named(described.tableName().toString());
    described.columns().forEach(column -> definition.required(column.name(), column.type()));
    definition.primaryKey(
        described.primaryKeyColumns().stream().map(Column::name).toArray(String[]::new));
    return client.tables().handle(client.await(client.tables().createTable(definition.build())));
  }

  private static Row rowOf(List<Column> columns, List<Object> values) {
    Row.Builder row = Row.builder();
    for (int i = 0; i < columns.size(); i++) {
      row.set(columns.get(i).name(), values.get(i));
    }
    return row.build();
  }
}
