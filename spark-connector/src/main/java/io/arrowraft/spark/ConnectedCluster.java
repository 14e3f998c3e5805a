package io.arrowraft.spark;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.coprocessor.RegionRanges;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.coprocessor.plan.PlanCodec;
import io.arrowraft.coprocessor.read.ReadLimits;
import io.arrowraft.coprocessor.read.ReadRequest;
import io.arrowraft.coprocessor.read.RegionShare;
import io.arrowraft.coprocessor.read.TableReader;
import io.arrowraft.coprocessor.read.TableReaders;
import io.arrowraft.pd.client.RangeStatistics;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.spark.read.BatchSource;
import io.arrowraft.spark.read.ReadTask;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;

/** A cluster behind the addresses of its placement drivers. Safe for use by any thread. */
final class ConnectedCluster implements TikvCluster {
  private static final Duration CLAIM_LIVES = Duration.ofMinutes(2);

  private final String pdAddresses;

  private ConnectedCluster(String pdAddresses) {
    this.pdAddresses = pdAddresses;
  }

  /**
   * The cluster at these addresses.
   *
   * @throws TikvException {@link TikvException.Code#NO_PLACEMENT_DRIVER} if nobody answers there
   */
  static TikvCluster at(List<String> pdAddresses) {
    ConnectedCluster cluster = new ConnectedCluster(String.join(",", pdAddresses));
    SharedClients.instance().to(cluster.pdAddresses);
    RunningQueries.of(SparkSession.active().sparkContext());
    return cluster;
  }

  private <T> T ask(Function<ArrowraftClient, CompletionStage<T>> question) {
    ArrowraftClient client = SharedClients.instance().to(pdAddresses).client();
    return client.await(question.apply(client));
  }

  @Override
  public long timestamp() {
    return ask(ArrowraftClient::timestamp).value();
  }

  @Override
  public List<String> namespaces() {
    return ask(client -> client.tables().namespaces());
  }

  @Override
  public List<TableName> tables(String namespace) {
    return ask(client -> client.tables().tables(namespace));
  }

  @Override
  public Optional<TableSchema> table(TableName name) {
    try {
      return Optional.of(ask(client -> client.tables().open(name.toString())).schema());
    } catch (InvalidRequestException refused) {
      if (refused.code() == ErrorCode.UNKNOWN_TABLE
          || refused.code() == ErrorCode.UNKNOWN_NAMESPACE) {
        return Optional.empty();
      }
      throw refused;
    }
  }

  @Override
  public boolean createTable(TableDefinition definition) {
    try {
      ask(client -> client.tables().createTable(definition));
      return true;
    } catch (InvalidRequestException refused) {
      if (refused.code() == ErrorCode.TABLE_EXISTS) {
        return false;
      }
      throw refused;
    }
  }

  @Override
  public boolean dropTable(TableName name) {
    try {
      ask(client -> client.tables().dropTable(name.toString()));
      return true;
    } catch (InvalidRequestException refused) {
      if (refused.code() == ErrorCode.UNKNOWN_TABLE) {
        return false;
      }
      throw refused;
    }
  }

  @Override
  public List<RegionShare> regions(List<KeyRange> ranges) {
    if (ranges.isEmpty()) {
      return List.of();
    }
    List<RegionRanges> targets = ask(client -> client.coprocessor().regionsOf(ranges));
    Bytes start = regionKey(ranges.get(0).start());
    io.arrowraft.table.Bytes end = ranges.get(ranges.size() - 1).end();
    RangeStatistics whole =
        ask(
            client ->
                client
                    .placement()
                    .rangeStatistics(start, end.isEmpty() ? Bytes.EMPTY : regionKey(end)));
    return TableReaders.shares(targets, whole);
  }

  private static Bytes regionKey(io.arrowraft.table.Bytes key) {
    return KeySpace.TRANSACTIONAL.regionKey(Bytes.wrap(key.toByteArray()));
  }

  @Override
  public CompletableFuture<Hold> holdVersions(String service, long timestamp, Duration atMost) {
    return SharedClients.instance()
        .to(pdAddresses)
        .client()
        .holdVersions(service, new Timestamp(timestamp), CLAIM_LIVES, atMost)
        .thenApply(hold -> hold::close);
  }

  @Override
  public BatchSource batches(TikvReadOptions options) {
    return new Stores(pdAddresses, options.prefetchBatches(), options.timeout().toSeconds());
  }

  @Override
  public String address() {
    return pdAddresses;
  }

  /** Reads from the stores. Travels to executors, so it holds addresses and numbers only. */
  private record Stores(String pdAddresses, int prefetchBatches, long timeoutSeconds)
      implements BatchSource {
    private static final long serialVersionUID = 1L;

    @Override
    public TableReader open(ReadTask task) {
      return SharedClients.instance()
          .to(pdAddresses)
          .readers()
          .open(
              new ReadRequest(
                  PlanCodec.decode(task.plan()),
                  task.keyRanges(),
                  new Timestamp(task.timestamp()),
                  ReadLimits.defaults()
                      .withPrefetchBatches(prefetchBatches)
                      .withTimeout(Duration.ofSeconds(timeoutSeconds))));
    }
  }
}
