package io.arrowraft.e2e.fault;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.bulk.ImportOptions;
import io.arrowraft.client.error.RoutingException;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.table.DataType;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.LongStream;

/** A program that fills a table by import and tells how far it is. */
final class ImportLoader {
  static final String TABLE = "load.things";
  static final long ROWS = 150_000;

  /** Followed by how many rows are in. */
  static final String PROGRESS = "imported ";

  static final String DONE = "done ";

  private static final Duration CONNECT_BOUND = Duration.ofMinutes(1);
  private static final Duration BOUND = Duration.ofMinutes(8);

  /** Small slices and regions, so that whatever happens there are many before and after it. */
  private static final ImportOptions OPTIONS =
      new ImportOptions(
          false,
          128 << 10,
          2,
          32 << 10,
          3 << 20,
          256 << 20,
          Optional.empty(),
          Duration.ofMinutes(3),
          false);

  private ImportLoader() {}

  /**
   * @param args the placement driver's address, and whether to go on with an earlier run
   */
  public static void main(String[] args) {
    ImportOptions options = Boolean.parseBoolean(args[1]) ? OPTIONS.resuming() : OPTIONS;
    try (ArrowraftClient client = connect(args[0])) {
      TableHandle table = client.await(client.tables().open(TABLE));
      long count =
          client.await(
              table.importRows(
                  rows(table),
                  options,
                  progress -> {
                    System.out.println(PROGRESS + progress);
                    System.out.flush();
                  }),
              BOUND);
      System.out.println(DONE + count);
    }
  }

  /** A fresh JVM on a machine short of processors needs longer than the client allows it. */
  private static ArrowraftClient connect(String pdAddress) {
    long end = System.nanoTime() + CONNECT_BOUND.toNanos();
    while (true) {
      try {
        return ArrowraftClient.connect(ClientOptions.of(pdAddress));
      } catch (RoutingException unreached) {
        if (System.nanoTime() > end) {
          throw unreached;
        }
        System.out.println("connects again: " + unreached.getMessage());
      }
    }
  }

  static TableDefinition definition() {
    return TableDefinition.named(TABLE)
        .required("id", DataType.BIGINT)
        .required("code", DataType.STRING)
        .required("group", DataType.BIGINT)
        .required("text", DataType.STRING)
        .primaryKey("id")
        .uniqueIndex("by_code", "code")
        .index("by_group", "group")
        .build();
  }

  private static Iterator<Row> rows(TableHandle table) {
    return LongStream.range(0, ROWS)
        .mapToObj(id -> table.row(id, code(id), group(id), text(id)))
        .iterator();
  }

  /** In another order than the ids. */
  static String code(long id) {
    return Long.toHexString(Long.reverse(id)) + "-" + id;
  }

  static long group(long id) {
    return id % 97;
  }

  static String text(long id) {
    return "the text of the thing with the number " + id;
  }
}
