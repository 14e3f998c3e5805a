package io.arrowraft.cli.quickstart;

import io.arrowraft.server.coprocessor.CoprocessorCounters;
import java.io.PrintWriter;
import java.util.List;
import org.apache.spark.sql.Row;

/** What the user sees. */
public final class QuickstartOutput {
  private static final int ANSWER_ROWS_SHOWN = 10;

  private final PrintWriter out;

  public QuickstartOutput(PrintWriter out) {
    this.out = out;
  }

  void section(String title) {
    out.println();
    out.println("== " + title);
    out.flush();
  }

  void line(String text, Object... values) {
    out.println("   " + text.formatted(values));
    out.flush();
  }

  void query(
      TpchQueries.Query query,
      QueryRun run,
      CoprocessorCounters.Values counted,
      boolean agrees,
      boolean pushed) {
    section(query.name() + ", " + query.title());
    answer(run.rows());
    facts(run);
    line(
        "stores counted   %d plans, %d filtered, %d aggregated; %,d rows scanned, %,d sent",
        counted.requests(),
        counted.selectionPlans(),
        counted.aggregationPlans(),
        counted.rowsScanned(),
        counted.rowsReturned());
    line("same as Parquet  %s", agrees ? "yes" : "NO");
    line("ran in stores    %s", pushed ? "yes" : "NO");
  }

  void total(QueryRun run, Row total, long moved, boolean split, boolean unmoved) {
    section("Total of all accounts" + (split ? ", across a forced split" : ""));
    answer(run.rows());
    facts(run);
    line("transfers        %,d committed during the query, 100 of them before it read", moved);
    line("total unmoved    %s", unmoved ? "yes" : "NO: " + total);
  }

  void difference(List<Row> expected, List<Row> found) {
    line("expected: %s", expected);
    line("found:    %s", found);
  }

  void goOn(String pdAddress, boolean passed, boolean keep) {
    section(passed ? "Every answer agreed" : "SOMETHING DISAGREED, see NO above");
    if (keep) {
      line("the cluster stays up until Ctrl-C; in a Spark shell with the connector's jar:");
      line("");
      line("spark.read.format(\"tikv\")");
      line("  .option(\"pd.addresses\", \"%s\")", pdAddress);
      line("  .option(\"table\", \"tpch.lineitem\").load().show()");
    } else {
      line("go on: `./arrowraft quickstart --keep` leaves this cluster up to try things on it,");
      line(
          "`./arrowraft up --stores 3 --data DIR` starts a cluster of processes that keeps its data,");
      line("and the README shows how to use it from Spark and from Java.");
    }
    out.flush();
  }

  /** EXPLAIN's words, one fact a line. */
  private void scan(QueryRun.ScanReport scan) {
    String[] facts = scan.description().split(", (?=pushed |read timestamp=)");
    line("scan             %s", facts[0]);
    for (int i = 1; i < facts.length; i++) {
      if (facts[i].startsWith("pushed ") && !facts[i].endsWith("=[]")) {
        line("                 %s", facts[i]);
      }
    }
    line("                 %,d rows scanned, %,d sent", scan.rowsScanned(), scan.rowsSent());
  }

  private void answer(List<Row> rows) {
    rows.stream().limit(ANSWER_ROWS_SHOWN).forEach(row -> line("%s", row));
    if (rows.size() > ANSWER_ROWS_SHOWN) {
      line("... %d rows in all", rows.size());
    }
  }

  private void facts(QueryRun run) {
    line("read timestamp   %d", run.readTimestamp());
    line("regions read     %d", run.regions());
    run.scans().forEach(this::scan);
    line(
        "rows             %,d scanned by stores, %,d sent to Spark",
        run.rowsScanned(), run.rowsSent());
    line("time             %,d ms", run.took().toMillis());
  }
}
