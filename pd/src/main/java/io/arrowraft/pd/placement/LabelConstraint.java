package io.arrowraft.pd.placement;

import java.util.Arrays;
import java.util.List;

/** What a store's label must be. */
public record LabelConstraint(String key, Op op, List<String> values) {

  /** How the label is compared. */
  public enum Op {
    IN("in"),
    NOT_IN("notIn"),
    EXISTS("exists"),
    NOT_EXISTS("notExists");

    private final String text;

    Op(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }

    /** The operation with a name such as {@code notIn}. */
    public static Op named(String name) {
      return Arrays.stream(values())
          .filter(op -> op.text.equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "a label constraint's op is one of in, notIn, exists, notExists, not '"
                          + name
                          + "'"));
    }
  }

  public LabelConstraint {
    values = List.copyOf(values);
    if (key.isBlank()) {
      throw new IllegalArgumentException("a label constraint needs a key");
    }
    boolean compares = op == Op.IN || op == Op.NOT_IN;
    if (compares == values.isEmpty()) {
      throw new IllegalArgumentException(
          "label constraint on '%s': op %s %s"
              .formatted(key, op.text(), compares ? "needs values" : "takes no values"));
    }
  }

  /** Whether a store meets it. */
  public boolean matches(Located store) {
    String value = store.label(key);
    return switch (op) {
      case IN -> !value.isEmpty() && values.contains(value);
      case NOT_IN -> value.isEmpty() || !values.contains(value);
      case EXISTS -> !value.isEmpty();
      case NOT_EXISTS -> value.isEmpty();
    };
  }
}
