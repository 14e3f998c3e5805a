package io.arrowraft.table;

/** A schema, name or type that contradicts itself. Never worth a retry. */
public final class SchemaException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public SchemaException(String message) {
    super(message);
  }

  public SchemaException(String message, Throwable cause) {
    super(message, cause);
  }
}
