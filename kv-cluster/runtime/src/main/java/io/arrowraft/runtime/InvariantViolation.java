package io.arrowraft.runtime;

/** Something that cannot be has happened; the node that sees it must stop. */
public final class InvariantViolation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message static text
   * @param context name, value, name, value, ...
   */
  public InvariantViolation(String message, Object... context) {
    super(render(message, context));
  }

  private static String render(String message, Object[] context) {
    StringBuilder text = new StringBuilder(message);
    for (int i = 0; i + 1 < context.length; i += 2) {
      text.append(i == 0 ? ": " : ", ").append(context[i]).append('=').append(context[i + 1]);
    }
    return text.toString();
  }
}
