package io.arrowraft.table;

/** The full name of a table, written {@code namespace.name}. Case is kept and significant. */
public record TableName(String namespace, String name) implements Comparable<TableName> {
  static final int LENGTH_MAX = 128;

  public TableName {
    check("namespace", namespace);
    check("table name", name);
  }

  /** Reads {@code namespace.name}. */
  public static TableName parse(String text) {
    int dot = text.indexOf('.');
    if (dot < 0 || dot != text.lastIndexOf('.')) {
      throw new SchemaException("a table is named namespace.name, not \"" + text + "\"");
    }
    return new TableName(text.substring(0, dot), text.substring(dot + 1));
  }

  static void check(String what, String text) {
    if (text == null || text.isEmpty() || text.length() > LENGTH_MAX) {
      throw new SchemaException(
          what + " must have 1 to " + LENGTH_MAX + " characters, not \"" + text + "\"");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.' || c == '`' || c == '/' || Character.isISOControl(c)) {
        throw new SchemaException(
            what + " holds a character that names may not have: \"" + text + "\"");
      }
    }
  }

  @Override
  public int compareTo(TableName other) {
    int byNamespace = namespace.compareTo(other.namespace);
    return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return namespace + "." + name;
  }
}
