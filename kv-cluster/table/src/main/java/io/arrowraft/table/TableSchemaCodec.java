package io.arrowraft.table;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bytes in which the store keeps a schema: a version byte, then the fields in order. Types are
 * written as SQL text, so that the format outlives the order of any enum.
 */
public final class TableSchemaCodec {
  /** Had neither columns under change nor ids to give out. */
  private static final int VERSION_1 = 1;

  private static final int VERSION = 2;
  private static final int IDS_NONE = 0;
  private static final int IDS_INCREMENT = 1;
  private static final int IDS_RANDOM = 2;
  private static final int KEY_HIDDEN = 0;
  private static final int KEY_INTEGER = 1;
  private static final int KEY_COMMON = 2;

  private TableSchemaCodec() {}

  public static byte[] encode(TableSchema schema) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeLong(schema.tableId());
      out.writeUTF(schema.namespace());
      out.writeUTF(schema.name());
      out.writeLong(schema.schemaVersion());
      out.writeByte(schema.state().code());
      out.writeInt(schema.columns().size());
      for (Column column : schema.columns()) {
        writeColumn(out, column);
      }
      writePrimaryKey(out, schema.primaryKey());
      out.writeInt(schema.indexes().size());
      for (IndexSchema index : schema.indexes()) {
        out.writeLong(index.id());
        out.writeUTF(index.name());
        writeIds(out, index.columnIds());
        out.writeBoolean(index.unique());
        out.writeByte(index.state().code());
      }
      writeAutoId(out, schema.autoId());
      writeEvolution(out, schema.evolution());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** The bytes of one column; {@link #decodeColumn} reads them. */
  public static byte[] encodeColumn(Column column) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      writeColumn(out, column);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Throws {@link SchemaException} for bytes that are no column. */
  public static Column decodeColumn(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      return readColumn(in);
    } catch (IOException e) {
      throw new SchemaException("damaged column of " + bytes.length + " bytes", e);
    }
  }

  private static void writeAutoId(DataOutputStream out, AutoId autoId) throws IOException {
    if (autoId instanceof AutoId.Random random) {
      out.writeByte(IDS_RANDOM);
      out.writeByte(random.shardBits());
    } else {
      out.writeByte(autoId instanceof AutoId.Increment ? IDS_INCREMENT : IDS_NONE);
    }
  }

  private static void writeEvolution(DataOutputStream out, Evolution evolution) throws IOException {
    out.writeLong(evolution.lastColumnId());
    out.writeLong(evolution.lastIndexId());
    out.writeInt(evolution.columns().size());
    for (ChangingColumn changing : evolution.columns()) {
      out.writeByte(changing.state().code());
      writeColumn(out, changing.column());
    }
  }

  private static void writeColumn(DataOutputStream out, Column column) throws IOException {
    out.writeLong(column.id());
    out.writeUTF(column.name());
    out.writeUTF(column.declared().sql());
    out.writeBoolean(column.nullable());
    out.writeBoolean(column.defaultValue().isPresent());
    if (column.defaultValue().isPresent()) {
      // A default is kept as a row of one column, the form in which its absence is made up for.
      byte[] row = new RowWriter().set(column, column.defaultValue().get()).toByteArray();
      out.writeInt(row.length);
      out.write(row);
    }
  }

  private static void writePrimaryKey(DataOutputStream out, PrimaryKey key) throws IOException {
    if (key instanceof PrimaryKey.IntegerHandle handle) {
      out.writeByte(KEY_INTEGER);
      out.writeLong(handle.columnId());
    } else if (key instanceof PrimaryKey.CommonHandle handle) {
      out.writeByte(KEY_COMMON);
      writeIds(out, handle.columnIds());
    } else {
      out.writeByte(KEY_HIDDEN);
    }
  }

  private static void writeIds(DataOutputStream out, List<Long> ids) throws IOException {
    out.writeInt(ids.size());
    for (long id : ids) {
      out.writeLong(id);
    }
  }

  /** Throws {@link SchemaException} for bytes that are no schema or of a newer version. */
  public static TableSchema decode(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readUnsignedByte();
      if (version != VERSION && version != VERSION_1) {
        throw new SchemaException(
            "a schema of format version " + version + "; this program reads up to " + VERSION);
      }
      long tableId = in.readLong();
      TableName name = new TableName(in.readUTF(), in.readUTF());
      long schemaVersion = in.readLong();
      SchemaState state = SchemaState.ofCode(in.readUnsignedByte());
      int columnCount = count(in, TableSchema.COLUMNS_MAX);
      List<Column> columns = new ArrayList<>();
      for (int i = 0; i < columnCount; i++) {
        columns.add(readColumn(in));
      }
      PrimaryKey key = readPrimaryKey(in);
      int indexCount = count(in, TableSchema.COLUMNS_MAX);
      List<IndexSchema> indexes = new ArrayList<>();
      for (int i = 0; i < indexCount; i++) {
        indexes.add(
            new IndexSchema(
                in.readLong(),
                in.readUTF(),
                readIds(in),
                in.readBoolean(),
                SchemaState.ofCode(in.readUnsignedByte())));
      }
      if (version == VERSION_1) {
        return new TableSchema(tableId, name, schemaVersion, columns, key, indexes, state);
      }
      AutoId autoId = readAutoId(in);
      Evolution evolution = readEvolution(in);
      return new TableSchema(
          tableId, name, schemaVersion, columns, key, indexes, state, autoId, evolution);
    } catch (IOException e) {
      throw new SchemaException("damaged schema of " + bytes.length + " bytes", e);
    }
  }

  private static int count(DataInputStream in, int max) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > max) {
      throw new SchemaException("damaged schema: a count of " + count);
    }
    return count;
  }

  private static AutoId readAutoId(DataInputStream in) throws IOException {
    int kind = in.readUnsignedByte();
    return switch (kind) {
      case IDS_NONE -> AutoId.NONE;
      case IDS_INCREMENT -> AutoId.INCREMENT;
      case IDS_RANDOM -> new AutoId.Random(in.readUnsignedByte());
      default -> throw new SchemaException("unknown kind of ids " + kind);
    };
  }

  private static Evolution readEvolution(DataInputStream in) throws IOException {
    long lastColumnId = in.readLong();
    long lastIndexId = in.readLong();
    int count = count(in, TableSchema.COLUMNS_MAX);
    List<ChangingColumn> columns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SchemaState state = SchemaState.ofCode(in.readUnsignedByte());
      columns.add(new ChangingColumn(readColumn(in), state));
    }
    return new Evolution(lastColumnId, lastIndexId, columns);
  }

  private static Column readColumn(DataInputStream in) throws IOException {
    Column column =
        Column.of(in.readLong(), in.readUTF(), DataType.parse(in.readUTF()), in.readBoolean());
    if (!in.readBoolean()) {
      return column;
    }
    byte[] row = new byte[count(in, Integer.MAX_VALUE)];
    in.readFully(row);
    ByteBuffer buffer = ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN);
    RowLayout layout = new RowLayout();
    layout.parse(buffer, 0, row.length);
    int slot = layout.find(column.id());
    Object value = RowValues.read(column, buffer, layout.valueStart(slot), layout.valueEnd(slot));
    return new Column(
        column.id(), column.name(), column.declared(), column.nullable(), Optional.of(value));
  }

  private static PrimaryKey readPrimaryKey(DataInputStream in) throws IOException {
    int kind = in.readUnsignedByte();
    return switch (kind) {
      case KEY_HIDDEN -> new PrimaryKey.HiddenRowId();
      case KEY_INTEGER -> new PrimaryKey.IntegerHandle(in.readLong());
      case KEY_COMMON -> new PrimaryKey.CommonHandle(readIds(in));
      default -> throw new SchemaException("unknown kind of primary key " + kind);
    };
  }

  private static List<Long> readIds(DataInputStream in) throws IOException {
    int count = count(in, TableSchema.COLUMNS_MAX);
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(in.readLong());
    }
    return ids;
  }
}
