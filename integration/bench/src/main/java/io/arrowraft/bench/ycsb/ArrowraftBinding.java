package io.arrowraft.bench.ycsb;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.runtime.Bytes;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.Vector;
import java.util.concurrent.CompletableFuture;
import site.ycsb.ByteIterator;
import site.ycsb.DB;
import site.ycsb.DBException;
import site.ycsb.Status;

/**
 * YCSB's records as pairs, each operation a transaction of its own, or a raw call. Properties:
 * {@value #PD} (addresses of the placement driver, required), {@value #MODE} ({@code txn} or {@code
 * raw}), {@value #COMMIT} ({@code early} or {@code 2pc}).
 */
public final class ArrowraftBinding extends DB {
  static final String PD = "arrowraft.pd";
  static final String MODE = "arrowraft.mode";
  static final String COMMIT = "arrowraft.commit";

  // One for all threads of the process, as applications have it. Guarded by the class.
  private static ArrowraftClient shared;
  private static int users;

  private ArrowraftClient client;
  private boolean raw;

  @Override
  public void init() throws DBException {
    Properties properties = getProperties();
    String addresses = properties.getProperty(PD);
    if (addresses == null) {
      throw new DBException("set " + PD + " to host:port of the placement driver");
    }
    raw = choice(properties, MODE, "txn", "raw").equals("raw");
    boolean early = choice(properties, COMMIT, "early", "2pc").equals("early");
    synchronized (ArrowraftBinding.class) {
      if (shared == null) {
        shared =
            ArrowraftClient.connect(
                ClientOptions.of(addresses)
                    .withCommits(early ? CommitModes.early() : CommitModes.twoPhase()));
      }
      users++;
      client = shared;
    }
  }

  private static String choice(Properties properties, String name, String usual, String other)
      throws DBException {
    String chosen = properties.getProperty(name, usual);
    if (!chosen.equals(usual) && !chosen.equals(other)) {
      throw new DBException(name + " is " + usual + " or " + other + ", not " + chosen);
    }
    return chosen;
  }

  @Override
  public void cleanup() {
    synchronized (ArrowraftBinding.class) {
      users--;
      if (users == 0) {
        shared.close();
        shared = null;
      }
    }
  }

  @Override
  public Status read(
      String table, String key, Set<String> fields, Map<String, ByteIterator> result) {
    return status(
        () -> {
          Optional<Bytes> value = client.await(get(key(table, key)));
          value.ifPresent(found -> FieldCodec.copy(found, fields, result));
          return value.isPresent() ? Status.OK : Status.NOT_FOUND;
        });
  }

  @Override
  public Status scan(
      String table,
      String start,
      int count,
      Set<String> fields,
      Vector<HashMap<String, ByteIterator>> result) {
    return status(
        () -> {
          Bytes end = Bytes.ofUtf8(table + "0");
          ScanPage page =
              client.await(
                  raw
                      ? client.raw().scan(key(table, start), end, count)
                      : client
                          .snapshot()
                          .thenCompose(snapshot -> snapshot.scan(key(table, start), end, count)));
          for (KeyValue pair : page.pairs()) {
            HashMap<String, ByteIterator> record = new HashMap<>();
            FieldCodec.copy(pair.value(), fields, record);
            result.add(record);
          }
          return Status.OK;
        });
  }

  @Override
  public Status update(String table, String key, Map<String, ByteIterator> values) {
    Bytes stored = key(table, key);
    Map<String, byte[]> changes = FieldCodec.contents(values);
    return status(
        () -> {
          if (raw) {
            Optional<Bytes> before = client.await(client.raw().get(stored));
            client.await(client.raw().put(stored, changed(before, changes)));
          } else {
            client.await(
                client.retrying(
                    transaction ->
                        transaction
                            .get(stored)
                            .thenAccept(
                                before -> transaction.put(stored, changed(before, changes)))));
          }
          return Status.OK;
        });
  }

  private static Bytes changed(Optional<Bytes> before, Map<String, byte[]> changes) {
    Map<String, byte[]> fields = before.map(FieldCodec::decode).orElseGet(HashMap::new);
    fields.putAll(changes);
    return FieldCodec.encode(fields);
  }

  @Override
  public Status insert(String table, String key, Map<String, ByteIterator> values) {
    Bytes stored = key(table, key);
    Bytes value = FieldCodec.encode(FieldCodec.contents(values));
    return status(
        () -> {
          client.await(
              raw
                  ? client.raw().put(stored, value)
                  : client.retrying(
                      transaction -> {
                        transaction.put(stored, value);
                        return CompletableFuture.completedFuture(null);
                      }));
          return Status.OK;
        });
  }

  @Override
  public Status delete(String table, String key) {
    Bytes stored = key(table, key);
    return status(
        () -> {
          client.await(
              raw
                  ? client.raw().delete(stored)
                  : client.retrying(
                      transaction -> {
                        transaction.delete(stored);
                        return CompletableFuture.completedFuture(null);
                      }));
          return Status.OK;
        });
  }

  private CompletableFuture<Optional<Bytes>> get(Bytes key) {
    return raw
        ? client.raw().get(key)
        : client.snapshot().thenCompose(snapshot -> snapshot.get(key));
  }

  private static Bytes key(String table, String key) {
    return Bytes.ofUtf8(table + "/" + key);
  }

  private interface Call {
    Status run();
  }

  /** YCSB counts what failed; it wants no exceptions. */
  private static Status status(Call call) {
    try {
      return call.run();
    } catch (ArrowraftException failure) {
      return new Status("ERROR", failure.code() + ": " + failure.getMessage());
    }
  }
}
