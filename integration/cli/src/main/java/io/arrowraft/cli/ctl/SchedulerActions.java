package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What can be done with schedulers. */
final class SchedulerActions {
  private SchedulerActions() {}

  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = {
        "Add a scheduler: evict-leader-scheduler STORE, grant-leader-scheduler STORE,",
        "shuffle-leader-scheduler, shuffle-region-scheduler, shuffle-hot-region-scheduler,",
        "or one that was removed."
      })
  static final class Add implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "Name of the scheduler.")
    private String name;

    @Parameters(
        arity = "0..*",
        index = "1..*",
        paramLabel = "STORE",
        description = "Ids of stores, for schedulers that are about some.")
    private List<Long> stores = List.of();

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change("POST", "/schedulers", settings(stores).put("name", name).toString());
    }
  }

  @Command(name = "remove", mixinStandardHelpOptions = true, description = "Remove a scheduler.")
  static final class Remove implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "Name of the scheduler.")
    private String name;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change("DELETE", "/schedulers/" + PdQuestions.encoded(name), null);
    }
  }

  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Let a scheduler rest for a while.")
  static final class Pause implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "Name of the scheduler, or `all`.")
    private String name;

    @Parameters(
        index = "1",
        arity = "0..1",
        defaultValue = "300",
        paramLabel = "SECONDS",
        description = "How long (default: ${DEFAULT-VALUE}).")
    private long seconds;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pause(pd, name, seconds);
    }
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "End the rest of a scheduler.")
  static final class Resume implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "Name of the scheduler.")
    private String name;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pause(pd, name, 0);
    }
  }

  @Command(
      name = "config",
      mixinStandardHelpOptions = true,
      description = "Show or change the stores that a scheduler is about.")
  static final class Config implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "Name of the scheduler.")
    private String name;

    @Parameters(
        arity = "0..*",
        index = "1..*",
        paramLabel = "STORE",
        description = "Ids of stores, for schedulers that are about some.")
    private List<Long> stores = List.of();

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      if (stores.isEmpty()) {
        return pd.print(
            "/scheduler-config/" + PdQuestions.encoded(name),
            "no such scheduler",
            settings -> new Table("SETTINGS").row(settings.toString()));
      }
      return pd.change(
          "POST",
          "/scheduler-config/" + PdQuestions.encoded(name) + "/config",
          settings(stores).toString());
    }
  }

  private static ObjectNode settings(List<Long> stores) {
    ObjectNode settings = JsonNodeFactory.instance.objectNode();
    if (!stores.isEmpty()) {
      stores.forEach(settings.putArray("store_ids")::add);
    }
    return settings;
  }

  private static int pause(PdQuestions pd, String name, long seconds) {
    return pd.change(
        "POST", "/schedulers/" + PdQuestions.encoded(name), "{\"delay\":" + seconds + "}");
  }
}
