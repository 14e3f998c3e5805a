package io.arrowraft.cli.ctl;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** More questions about regions. */
final class RegionActions {
  private RegionActions() {}

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = "Show regions with something wrong.")
  static final class Check implements Callable<Integer> {
    @Parameters(
        paramLabel = "WHAT",
        description = {
          "miss-peer, extra-peer, down-peer, pending-peer, learner-peer,",
          "offline-peer, empty-region, no-leader or joint-state."
        })
    private String what;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.print(
          "/regions/check/" + PdQuestions.encoded(what),
          "no regions",
          answer -> RegionQuery.table(answer.get("regions")));
    }
  }

  @Command(
      name = "top",
      mixinStandardHelpOptions = true,
      description = "Show the regions that have most of something.")
  static final class Top implements Callable<Integer> {
    @Parameters(
        paramLabel = "WHAT",
        description = {
          "size, keys, writeflow, readflow, writequery, readquery,",
          "confver or version."
        })
    private String what;

    @Option(
        names = "--limit",
        defaultValue = "16",
        description = "How many at most (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.print(
          "/regions/" + PdQuestions.encoded(what) + "?limit=" + limit,
          "no regions",
          answer -> RegionQuery.table(answer.get("regions")));
    }
  }

  @Command(
      name = "sibling",
      mixinStandardHelpOptions = true,
      description = "Show the neighbours of a region.")
  static final class Sibling implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "Id of the region.")
    private long id;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.print(
          "/regions/sibling/" + id,
          "no regions",
          answer -> RegionQuery.table(answer.get("regions")));
    }
  }
}
