package io.arrowraft.client.table.change;

import io.arrowraft.table.Column;
import java.util.List;

/** What is asked for. */
public sealed interface SchemaChange {
  /** For people. */
  String describe();

  /** Builds an index from the rows that are there. */
  record AddIndex(String name, boolean unique, List<String> columns) implements SchemaChange {
    public AddIndex {
      columns = List.copyOf(columns);
    }

    @Override
    public String describe() {
      return "add " + (unique ? "unique " : "") + "index " + name + " over " + columns;
    }
  }

  record DropIndex(String name) implements SchemaChange {
    @Override
    public String describe() {
      return "drop index " + name;
    }
  }

  /**
   * Adds a column, which rows written before read as its default.
   *
   * @param column whose id does not count
   */
  record AddColumn(Column column) implements SchemaChange {
    @Override
    public String describe() {
      return "add column " + column.name() + " " + column.declared().sql();
    }
  }

  record DropColumn(String name) implements SchemaChange {
    @Override
    public String describe() {
      return "drop column " + name;
    }
  }

  record RenameColumn(String from, String to) implements SchemaChange {
    @Override
    public String describe() {
      return "rename column " + from + " to " + to;
    }
  }

  /** Removes all rows at once, by giving the table a new id. */
  record Truncate() implements SchemaChange {
    @Override
    public String describe() {
      return "truncate";
    }
  }
}
