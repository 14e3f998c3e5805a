package io.arrowraft.cli.process;

import io.arrowraft.storage.engine.DiskOptions;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options that every server process has, and what they come to. */
public final class ServingOptions {
  @Option(names = "--data", required = true, paramLabel = "DIR", description = "Data directory.")
  private Path data;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = {
        "Write the log to log/ in the data directory as ${COMPLETION-CANDIDATES}",
        "(default: warnings to the terminal)."
      })
  private LogFormat logFormat;

  @Option(
      names = "--manual-wal-flush",
      hidden = true,
      description = "Keep in memory what is not synced, so that a kill loses it; for crash tests.")
  private boolean manualWalFlush;

  @Option(
      names = "--stop-with-parent",
      hidden = true,
      description = "Stop when standard input ends.")
  private boolean stopWithParent;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** From now on the log goes where it was asked to. */
  public void applyLogFormat() {
    if (logFormat != null) {
      logFormat.apply(data);
    }
  }

  public Path data() {
    return data;
  }

  /** How the engines use the disk. */
  public DiskOptions disk() {
    return DiskOptions.defaults().withManualWalFlush(manualWalFlush);
  }

  /**
   * Serves until there is a reason to stop.
   *
   * @see ServingProcess#serve
   */
  public int serve(AutoCloseable node, CompletableFuture<FatalExit> end)
      throws InterruptedException {
    return ServingProcess.serve(node, spec.commandLine().getOut(), stopWithParent, end);
  }
}
