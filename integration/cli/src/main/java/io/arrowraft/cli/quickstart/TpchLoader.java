package io.arrowraft.cli.quickstart;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.bulk.ImportOptions;
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

/** Makes the TPC-H tables and imports their rows, which nobody else uses meanwhile. */
final class TpchLoader {
  /** Loading never takes longer than this without being broken. */
  private static final Duration BOUND = Duration.ofHours(2);

  /** The generator makes the rows of every table that has a key in the order of that key. */
  private static final ImportOptions IN_KEY_ORDER = ImportOptions.defaults().ofSortedPairs();

  private final ArrowraftClient client;
  private final double scale;

  TpchLoader(ArrowraftClient client, double scale) {
    this.client = client;
    this.scale = scale;
  }

  /** Loads one table with a progress bar; how many rows it has. */
  long load(TpchTable<?> table) {
    TableHandle handle = create(table);
    Iterator<List<Object>> values = TpchTables.rows(table, scale, 1, 1);
    Iterator<Row> rows =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return values.hasNext();
          }

          @Override
          public Row next() {
            return handle.row(values.next().toArray());
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
      long loaded = client.await(handle.importRows(rows, IN_KEY_ORDER, bar::stepTo), BOUND);
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
}
