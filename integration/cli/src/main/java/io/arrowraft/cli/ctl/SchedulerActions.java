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

  /** Of a scheduler that has a name. */
  private abstract static class OfOne implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the scheduler.")
    String name;

    @Mixin PdQuestions pd;

    int tell(String body) {
      return pd.change("POST", "/schedulers/" + PdQuestions.encoded(name), body);
    }
  }

  /** Of a scheduler, and of stores that it is about. */
  private abstract static class OfStores extends OfOne {
    @Parameters(
        arity = "0..*",
        index = "1..*",
        paramLabel = "STORE",
        description = "Ids of stores, for schedulers that are about some.")
    List<Long> stores = List.of();

    ObjectNode settings() {
      ObjectNode settings = JsonNodeFactory.instance.objectNode();
      if (!stores.isEmpty()) {
        stores.forEach(settings.putArray("store_ids")::add);
      }
      return settings;
    }
  }

  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = {
        "Add a scheduler: evict-leader-scheduler STORE, grant-leader-scheduler STORE,",
        "shuffle-leader-scheduler, shuffle-region-scheduler, shuffle-hot-region-scheduler,",
        "or one that was removed."
      })
  static final class Add extends OfStores {
    @Override
    public Integer call() {
      return pd.change("POST", "/schedulers", settings().put("name", name).toString());
    }
  }

  @Command(name = "remove", mixinStandardHelpOptions = true, description = "Remove a scheduler.")
  static final class Remove extends OfOne {
    @Override
    public Integer call() {
      return pd.change("DELETE", "/schedulers/" + PdQuestions.encoded(name), null);
    }
  }

  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Let a scheduler rest for a while; `all` for every one.")
  static final class Pause extends OfOne {
    @Parameters(
        index = "1",
        arity = "0..1",
        defaultValue = "300",
        paramLabel = "SECONDS",
        description = "How long (default: ${DEFAULT-VALUE}).")
    private long seconds;

    @Override
    public Integer call() {
      return tell(rest(seconds));
    }
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "End the rest of a scheduler.")
  static final class Resume extends OfOne {
    @Override
    public Integer call() {
      return tell(rest(0));
    }
  }

  @Command(
      name = "config",
      mixinStandardHelpOptions = true,
      description = "Show or change the stores that a scheduler is about.")
  static final class Config extends OfStores {
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
          settings().toString());
    }
  }

  private static String rest(long seconds) {
    return JsonNodeFactory.instance.objectNode().put("delay", seconds).toString();
  }
}
