package io.arrowraft.client.table.change;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.SchemaException;
import io.arrowraft.table.SchemaState;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchemaCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** The bytes of a job's record: a version byte, then the fields in order. */
final class JobCodec {
  /** Without the number of parts of a filling. */
  private static final int BEFORE_PARTS = 1;

  private static final int VERSION = 2;
  private static final int LENGTH_MAX = 1 << 20;
  private static final int ADD_INDEX = 1;
  private static final int DROP_INDEX = 2;
  private static final int ADD_COLUMN = 3;
  private static final int DROP_COLUMN = 4;
  private static final int RENAME_COLUMN = 5;
  private static final int TRUNCATE = 6;

  private JobCodec() {}

  static Bytes encode(Job job) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeLong(job.id());
      out.writeUTF(job.table().namespace());
      out.writeUTF(job.table().name());
      writeChange(out, job.change());
      out.writeByte(job.phase().code());
      out.writeLong(job.tableId());
      out.writeLong(job.objectId());
      out.writeByte(job.state().code());
      out.writeLong(job.schemaVersion());
      writeBytes(out, job.fill().next().unsafeArray());
      out.writeLong(job.fill().rowsDone());
      out.writeLong(job.fill().rowsExpected());
      out.writeBoolean(job.fill().complete());
      out.writeInt(job.fill().parts());
      out.writeBoolean(job.cancelled());
      out.writeUTF(job.failure());
      out.writeLong(job.owner());
      out.writeLong(job.ownedUntilMillis());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.wrap(bytes.toByteArray());
  }

  private static void writeChange(DataOutputStream out, SchemaChange change) throws IOException {
    if (change instanceof SchemaChange.AddIndex add) {
      out.writeByte(ADD_INDEX);
      out.writeUTF(add.name());
      out.writeBoolean(add.unique());
      out.writeInt(add.columns().size());
      for (String column : add.columns()) {
        out.writeUTF(column);
      }
    } else if (change instanceof SchemaChange.DropIndex drop) {
      out.writeByte(DROP_INDEX);
      out.writeUTF(drop.name());
    } else if (change instanceof SchemaChange.AddColumn add) {
      out.writeByte(ADD_COLUMN);
      writeBytes(out, TableSchemaCodec.encodeColumn(add.column()));
    } else if (change instanceof SchemaChange.DropColumn drop) {
      out.writeByte(DROP_COLUMN);
      out.writeUTF(drop.name());
    } else if (change instanceof SchemaChange.RenameColumn rename) {
      out.writeByte(RENAME_COLUMN);
      out.writeUTF(rename.from());
      out.writeUTF(rename.to());
    } else {
      out.writeByte(TRUNCATE);
    }
  }

  private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static Job decode(Bytes key, Bytes stored) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(stored.unsafeArray()))) {
      int version = in.readUnsignedByte();
      if (version != VERSION && version != BEFORE_PARTS) {
        throw damaged(key, "its format version is " + version, null);
      }
      return new Job(
          in.readLong(),
          new TableName(in.readUTF(), in.readUTF()),
          readChange(in),
          phase(in.readUnsignedByte()),
          in.readLong(),
          in.readLong(),
          SchemaState.ofCode(in.readUnsignedByte()),
          in.readLong(),
          new Job.Fill(
              Bytes.wrap(readBytes(in)),
              in.readLong(),
              in.readLong(),
              in.readBoolean(),
              version == BEFORE_PARTS ? 0 : checked(in.readInt())),
          in.readBoolean(),
          in.readUTF(),
          in.readLong(),
          in.readLong());
    } catch (IOException | SchemaException broken) {
      throw damaged(key, broken.getMessage(), broken);
    }
  }

  private static SchemaChange readChange(DataInputStream in) throws IOException {
    int kind = in.readUnsignedByte();
    return switch (kind) {
      case ADD_INDEX -> {
        String name = in.readUTF();
        boolean unique = in.readBoolean();
        List<String> columns = new ArrayList<>();
        for (int left = checked(in.readInt()); left > 0; left--) {
          columns.add(in.readUTF());
        }
        yield new SchemaChange.AddIndex(name, unique, columns);
      }
      case DROP_INDEX -> new SchemaChange.DropIndex(in.readUTF());
      case ADD_COLUMN -> new SchemaChange.AddColumn(TableSchemaCodec.decodeColumn(readBytes(in)));
      case DROP_COLUMN -> new SchemaChange.DropColumn(in.readUTF());
      case RENAME_COLUMN -> new SchemaChange.RenameColumn(in.readUTF(), in.readUTF());
      case TRUNCATE -> new SchemaChange.Truncate();
      default -> throw new IOException("unknown kind of change " + kind);
    };
  }

  private static Job.Phase phase(int code) throws IOException {
    for (Job.Phase phase : Job.Phase.values()) {
      if (phase.code() == code) {
        return phase;
      }
    }
    throw new IOException("unknown phase " + code);
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    byte[] bytes = new byte[checked(in.readInt())];
    in.readFully(bytes);
    return bytes;
  }

  private static int checked(int length) throws IOException {
    if (length < 0 || length > LENGTH_MAX) {
      throw new IOException("a length of " + length);
    }
    return length;
  }

  private static InvalidRequestException damaged(Bytes key, String what, Throwable cause) {
    return new InvalidRequestException(
        ErrorCode.CORRUPT_DATA, "the schema change at " + key + ": " + what, cause);
  }
}
