package io.arrowraft.cli.ctl;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What can be done with members of the placement driver. */
final class MemberActions {
  private MemberActions() {}

  @Command(
      name = "leader",
      mixinStandardHelpOptions = true,
      description = "Show which member leads, or let another one lead.",
      subcommands = {Show.class, Resign.class, Transfer.class})
  static final class Leader implements Callable<Integer> {

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return show(pd);
    }
  }

  @Command(name = "show", mixinStandardHelpOptions = true, description = "Show which member leads.")
  static final class Show implements Callable<Integer> {

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return show(pd);
    }
  }

  @Command(
      name = "resign",
      mixinStandardHelpOptions = true,
      description = "Let any other member lead.")
  static final class Resign implements Callable<Integer> {

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change("POST", "/leader/resign", null);
    }
  }

  @Command(
      name = "transfer",
      mixinStandardHelpOptions = true,
      description = "Let a certain member lead.")
  static final class Transfer implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "Name of the member.")
    private String name;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change("POST", "/leader/transfer/" + PdQuestions.encoded(name), null);
    }
  }

  @Command(
      name = "leader-priority",
      mixinStandardHelpOptions = true,
      description = "Say how much a member is preferred as leader: the higher, the more.")
  static final class Priority implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "Name of the member.")
    private String name;

    @Parameters(index = "1", paramLabel = "PRIORITY", description = "Such as 5; usually 0.")
    private int priority;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change(
          "POST",
          "/members/name/" + PdQuestions.encoded(name),
          "{\"leader-priority\":" + priority + "}");
    }
  }

  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = "Take a member out of the group of placement drivers for good.")
  static final class Delete implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "Name of the member.")
    private String name;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change("DELETE", "/members/name/" + PdQuestions.encoded(name), null);
    }
  }

  private static int show(PdQuestions pd) {
    return pd.print(
        "/leader",
        "no member leads at the moment",
        leader ->
            new Table("NAME", "ID", "ADDRESS")
                .row(leader.path("name"), leader.path("member_id"), leader.at("/client_urls/0")));
  }
}
