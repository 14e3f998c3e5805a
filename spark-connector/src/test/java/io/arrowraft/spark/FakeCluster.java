package io.arrowraft.spark;

import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.coprocessor.plan.PlanCodec;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.plan.ResultColumns;
import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.coprocessor.read.ReadBatch;
import io.arrowraft.coprocessor.read.ReadStatistics;
import io.arrowraft.coprocessor.read.RegionShare;
import io.arrowraft.coprocessor.read.TableReader;
import io.arrowraft.spark.read.BatchSource;
import io.arrowraft.spark.read.ReadTask;
import io.arrowraft.table.Bytes;
import io.arrowraft.table.Column;
import io.arrowraft.table.DataType;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;

/**
 * A cluster in memory: tables of rows, cut into regions by key, plans run by {@link NaivePlan}.
 * Found by its address, also by tasks.
 */
final class FakeCluster implements TikvCluster {
  private static final Map<String, FakeCluster> BY_ADDRESS = new ConcurrentHashMap<>();

  private final String address;
  private final Map<TableName, FakeTable> tables = new LinkedHashMap<>();
  final AtomicLong clock = new AtomicLong(1L << 40);
  final List<ReadTask> tasks = new ArrayList<>();

  /** Timestamps whose versions are claimed, by the name of the claim. */
  final Map<String, Long> holds = new ConcurrentHashMap<>();

  final AtomicLong holdsTaken = new AtomicLong();

  /** Runs when a task begins to read, on its thread. */
  volatile Runnable onRead = () -> {};

  /** What garbage collection has passed. */
  volatile long safePoint;

  private FakeCluster(String address) {
    this.address = address;
  }

  private record FakeTable(
      TableSchema schema, TreeMap<Bytes, Object[]> rows, List<Bytes> splits, long bytes) {}

  static FakeCluster at(String address) {
    return BY_ADDRESS.computeIfAbsent(address, FakeCluster::new);
  }

  static Optional<FakeCluster> known(String address) {
    return Optional.ofNullable(BY_ADDRESS.get(address));
  }

  /**
   * Adds a table.
   *
   * @param rows canonical values in column order
   * @param regions into which the rows are divided evenly
   * @param bytes that the regions report together
   */
  void add(TableSchema schema, List<Object[]> rows, int regions, long bytes) {
    TreeMap<Bytes, Object[]> byKey = new TreeMap<>();
    for (Object[] row : rows) {
      Object[] key =
          schema.primaryKeyColumns().stream()
              .map(column -> row[schema.indexOf(column.id())])
              .toArray();
      byKey.put(Bytes.copyOf(TableKeys.rowKey(schema, key, byKey.size())), physical(schema, row));
    }
    List<Bytes> keys = List.copyOf(byKey.keySet());
    List<Bytes> splits = new ArrayList<>();
    for (int i = 1; i < regions; i++) {
      splits.add(keys.get(i * keys.size() / regions));
    }
    tables.put(schema.tableName(), new FakeTable(schema, byKey, splits, bytes));
  }

  private static Object[] physical(TableSchema schema, Object[] row) {
    Object[] result = new Object[row.length];
    for (int i = 0; i < row.length; i++) {
      Column column = schema.columns().get(i);
      result[i] =
          row[i] == null
              ? null
              : ScanColumn.literalOf(column.name(), column.type(), row[i]).value().orElseThrow();
    }
    return result;
  }

  @Override
  public long timestamp() {
    return clock.incrementAndGet();
  }

  @Override
  public List<String> namespaces() {
    return tables.keySet().stream().map(TableName::namespace).distinct().toList();
  }

  @Override
  public List<TableName> tables(String namespace) {
    return tables.keySet().stream().filter(name -> name.namespace().equals(namespace)).toList();
  }

  @Override
  public Optional<TableSchema> table(TableName name) {
    return Optional.ofNullable(tables.get(name)).map(FakeTable::schema);
  }

  @Override
  public boolean createTable(TableDefinition definition) {
    if (tables.containsKey(definition.name())) {
      return false;
    }
    TableSchema.Builder schema = TableSchema.builder(100L + tables.size(), definition.name());
    definition
        .columns()
        .forEach(column -> schema.column(column.name(), column.type(), column.nullable(), null));
    schema.primaryKey(definition.primaryKey().toArray(String[]::new));
    add(schema.build(), List.of(), 1, 0);
    return true;
  }

  @Override
  public boolean dropTable(TableName name) {
    return tables.remove(name) != null;
  }

  @Override
  public List<RegionShare> regions(List<KeyRange> ranges) {
    List<RegionShare> shares = new ArrayList<>();
    for (FakeTable table : tables.values()) {
      KeyRange all = TableKeys.tableRange(table.schema().tableId());
      Bytes start = all.start();
      for (int i = 0; i <= table.splits().size(); i++) {
        Bytes end = i < table.splits().size() ? table.splits().get(i) : all.end();
        KeyRange region = new KeyRange(start, end);
        List<KeyRange> inside =
            ranges.stream().flatMap(range -> range.intersection(region).stream()).toList();
        if (!inside.isEmpty()) {
          shares.add(
              new RegionShare(
                  shares.size() + 1L,
                  inside,
                  "127.0.0.1:" + (20160 + i % 3),
                  table.bytes() / (table.splits().size() + 1),
                  table.rows().size()));
        }
        start = end;
      }
    }
    return shares;
  }

  @Override
  public CompletableFuture<Hold> holdVersions(String service, long timestamp, Duration atMost) {
    if (timestamp < safePoint) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("versions at " + timestamp + " are collected"));
    }
    holds.put(service, timestamp);
    holdsTaken.incrementAndGet();
    return CompletableFuture.completedFuture(() -> holds.remove(service));
  }

  @Override
  public BatchSource batches(TikvReadOptions options) {
    return new Source(address);
  }

  @Override
  public String address() {
    return address;
  }

  private record Source(String address) implements BatchSource {
    private static final long serialVersionUID = 1L;

    @Override
    public TableReader open(ReadTask task) {
      FakeCluster cluster = known(address).orElseThrow();
      cluster.onRead.run();
      return cluster.read(task);
    }
  }

  private synchronized TableReader read(ReadTask task) {
    tasks.add(task);
    PlanRequest request = PlanCodec.decode(task.plan());
    long tableId = TableKeys.tableIdOf(task.ranges().get(0)).orElseThrow();
    FakeTable table =
        tables.values().stream()
            .filter(each -> each.schema().tableId() == tableId)
            .findFirst()
            .orElseThrow();
    List<Object[]> inside = new ArrayList<>();
    table
        .rows()
        .forEach(
            (key, row) -> {
              if (task.keyRanges().stream().anyMatch(range -> range.contains(key))) {
                inside.add(row);
              }
            });
    List<Object[]> result = new NaivePlan(table.schema()).run(request.plan(), inside);
    return new Reader(
        ResultColumns.of(request.plan()), result, inside.size(), request.batchRowsMax());
  }

  private static final class Reader implements TableReader {
    private final List<DataType> types;
    private final List<Object[]> rows;
    private final int scanned;
    private final int batchRows;
    private final BufferAllocator allocator = new RootAllocator();
    private List<FieldVector> vectors = List.of();
    private int sent;

    Reader(List<DataType> types, List<Object[]> rows, int scanned, int batchRows) {
      this.types = types;
      this.rows = rows;
      this.scanned = scanned;
      this.batchRows = batchRows;
    }

    @Override
    public Optional<ReadBatch> next() {
      free();
      if (sent >= rows.size()) {
        return Optional.empty();
      }
      List<Object[]> batch = rows.subList(sent, Math.min(rows.size(), sent + batchRows));
      sent += batch.size();
      List<FieldVector> filled = new ArrayList<>();
      for (int i = 0; i < types.size(); i++) {
        filled.add(vector(types.get(i), batch, i));
      }
      vectors = filled;
      return Optional.of(new ReadBatch(filled, batch.size()));
    }

    private FieldVector vector(DataType type, List<Object[]> batch, int column) {
      FieldVector vector =
          switch (type.kind()) {
            case BOOLEAN -> new BitVector("c", allocator);
            case INTEGER -> new IntVector("c", allocator);
            case BIGINT -> new BigIntVector("c", allocator);
            case DATE -> new DateDayVector("c", allocator);
            case STRING -> new VarCharVector("c", allocator);
            case DECIMAL -> {
              DataType.Decimal decimal = (DataType.Decimal) type;
              yield new DecimalVector("c", allocator, decimal.precision(), decimal.scale());
            }
            default -> throw new IllegalArgumentException("not in the fake: " + type.sql());
          };
      vector.allocateNew();
      for (int i = 0; i < batch.size(); i++) {
        set(vector, i, batch.get(i)[column]);
      }
      vector.setValueCount(batch.size());
      return vector;
    }

    private static void set(FieldVector vector, int row, Object value) {
      if (value == null) {
        vector.setNull(row);
      } else if (vector instanceof BitVector bits) {
        bits.setSafe(row, (Boolean) value ? 1 : 0);
      } else if (vector instanceof IntVector ints) {
        ints.setSafe(row, ((Long) value).intValue());
      } else if (vector instanceof BigIntVector longs) {
        longs.setSafe(row, (Long) value);
      } else if (vector instanceof DateDayVector days) {
        days.setSafe(row, ((Long) value).intValue());
      } else if (vector instanceof VarCharVector texts) {
        texts.setSafe(row, ((String) value).getBytes(StandardCharsets.UTF_8));
      } else {
        ((DecimalVector) vector).setSafe(row, (BigDecimal) value);
      }
    }

    @Override
    public ReadStatistics statistics() {
      return new ReadStatistics(scanned, sent, 1, sent, 1, 0, Duration.ZERO);
    }

    @Override
    public void close() {
      free();
      // Fails if a buffer is still held.
      allocator.close();
    }

    private void free() {
      vectors.forEach(FieldVector::close);
      vectors = List.of();
    }
  }
}
