package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The members of the placement driver. */
@Command(
    name = "member",
    mixinStandardHelpOptions = true,
    description = {
      "Show the members of the placement driver and which of them leads.",
      "Or move the leadership, prefer members and take them out."
    },
    subcommands = {
      MemberActions.Leader.class,
      MemberActions.Priority.class,
      MemberActions.Delete.class
    })
final class MemberQuery implements Callable<Integer> {
  @Mixin private PdQuestions pd;

  @Override
  public Integer call() {
    return pd.print("/members", "no members", MemberQuery::table);
  }

  private static Table table(JsonNode answer) {
    Table table = new Table("NAME", "ID", "ADDRESS", "ROLE", "VERSION", "CLUSTER");
    String leader = answer.at("/leader/member_id").asText();
    for (JsonNode member : answer.path("members")) {
      table.row(
          member.path("name"),
          member.path("member_id"),
          member.at("/client_urls/0"),
          member.path("member_id").asText().equals(leader) ? "leader" : "follower",
          member.path("binary_version"),
          answer.at("/header/cluster_id"));
    }
    return table;
  }
}
