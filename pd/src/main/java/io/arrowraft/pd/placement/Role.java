package io.arrowraft.pd.placement;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a replica is to be. */
public enum Role {
  LEADER,
  VOTER,
  FOLLOWER,
  LEARNER;

  /** The role with a name such as {@code voter}. */
  public static Role named(String name) {
    return Arrays.stream(values())
        .filter(role -> role.text().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "a role is one of "
                        + List.of("leader", "voter", "follower", "learner")
                        + ", not '"
                        + name
                        + "'"));
  }

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a replica of the role votes. */
  public boolean votes() {
    return this != LEARNER;
  }
}
