package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What can be done with stores. */
final class StoreActions {
  private StoreActions() {}

  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = {
        "Empty a store: its replicas move to others, then it leaves the cluster.",
        "Refused if the others could not hold all replicas."
      })
  static final class Delete implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "Id of the store.")
    private long id;

    @Option(
        names = "--force",
        description = "Its data is lost and it never comes back; skips the check of the others.")
    private boolean force;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change("DELETE", "/store/" + id + (force ? "?force=true" : ""), null);
    }
  }

  @Command(
      name = "cancel-delete",
      mixinStandardHelpOptions = true,
      description = "Keep a store that is being emptied.")
  static final class Keep implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "Id of the store.")
    private long id;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change("POST", "/store/" + id + "/state?state=Up", null);
    }
  }

  @Command(
      name = "label",
      mixinStandardHelpOptions = true,
      description = "Set labels of a store; an empty value takes one away.")
  static final class Label implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "Id of the store.")
    private long id;

    @Parameters(
        arity = "1..*",
        index = "1..*",
        paramLabel = "KEY=VALUE",
        description = "Such as zone=a.")
    private Map<String, String> labels;

    @Option(names = "--replace", description = "Take all other labels away.")
    private boolean replace;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      labels.forEach(body::put);
      return pd.change(
          "POST", "/store/" + id + "/label" + (replace ? "?force=true" : ""), body.toString());
    }
  }

  @Command(
      name = "weight",
      mixinStandardHelpOptions = true,
      description =
          "Say how much of the leaders and of the data a store should have against others.")
  static final class Weight implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "Id of the store.")
    private long id;

    @Parameters(index = "1", paramLabel = "LEADER", description = "1 is as much as others.")
    private double leader;

    @Parameters(index = "2", paramLabel = "REGION", description = "1 is as much as others.")
    private double region;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      ObjectNode body =
          JsonNodeFactory.instance.objectNode().put("leader", leader).put("region", region);
      return pd.change("POST", "/store/" + id + "/weight", body.toString());
    }
  }

  @Command(
      name = "limit",
      mixinStandardHelpOptions = true,
      description = "Show or set how many peers a minute stores may gain and lose.")
  static final class Limit implements Callable<Integer> {
    @Parameters(
        arity = "0..1",
        paramLabel = "ID",
        description = "A store, or `all`; with nothing the limits are shown.")
    private String id;

    @Parameters(
        arity = "0..1",
        index = "1",
        paramLabel = "RATE",
        description = "Peers a minute; 100000 or more: no limit.")
    private Double rate;

    @Option(
        names = "--type",
        paramLabel = "TYPE",
        description = "add-peer or remove-peer; without it both are set.")
    private String type;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      if (id == null) {
        return pd.print("/stores/limit", "no stores", StoreActions::limits);
      }
      if (rate == null) {
        throw new IllegalArgumentException("give the rate too, such as: store limit all 30");
      }
      ObjectNode body = JsonNodeFactory.instance.objectNode().put("rate", rate);
      if (type != null) {
        body.put("type", type);
      }
      String path = id.equals("all") ? "/stores/limit" : "/store/" + id + "/limit";
      return pd.change("POST", path, body.toString());
    }
  }

  @Command(
      name = "remove-tombstone",
      mixinStandardHelpOptions = true,
      description = "Forget the stores that have left the cluster.")
  static final class RemoveTombstone implements Callable<Integer> {

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change("DELETE", "/stores/remove-tombstone", null);
    }
  }

  private static Table limits(JsonNode limits) {
    Table table = new Table("STORE", "ADD-PEER", "REMOVE-PEER");
    limits
        .properties()
        .forEach(
            each ->
                table.row(
                    each.getKey(),
                    each.getValue().path("add-peer"),
                    each.getValue().path("remove-peer")));
    return table;
  }
}
