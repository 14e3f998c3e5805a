package io.arrowraft.client.bulk;

import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.runtime.Bytes;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Sorted pairs in a file, which is deleted when it is closed. Belongs to one thread at a time. */
final class SpilledRun implements AutoCloseable {
  private static final int BUFFER_BYTES = 256 << 10;

  private final Path file;
  private DataInputStream in;

  private SpilledRun(Path file) {
    this.file = file;
  }

  static SpilledRun write(Path directory, List<KeyValue> sorted) {
    Path file;
    try {
      file = Files.createTempFile(directory, "arrowraft-import-", ".run");
    } catch (IOException e) {
      throw failed("creating a file in " + directory, e);
    }
    SpilledRun run = new SpilledRun(file);
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES))) {
      for (KeyValue pair : sorted) {
        write(out, pair.key());
        write(out, pair.value());
      }
    } catch (IOException e) {
      run.close();
      throw failed("writing to " + file, e);
    }
    return run;
  }

  private static void write(DataOutputStream out, Bytes bytes) throws IOException {
    out.writeInt(bytes.length());
    out.write(bytes.unsafeArray());
  }

  /** The next pair; null at the end. */
  KeyValue next() {
    try {
      if (in == null) {
        in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES));
      }
      int keyLength;
      try {
        keyLength = in.readInt();
      } catch (EOFException end) {
        return null;
      }
      Bytes key = read(keyLength);
      return new KeyValue(key, read(in.readInt()));
    } catch (IOException e) {
      throw failed("reading " + file, e);
    }
  }

  private Bytes read(int length) throws IOException {
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return Bytes.wrap(bytes);
  }

  private static UncheckedIOException failed(String action, IOException cause) {
    return new UncheckedIOException(
        "sorting pairs to import: " + action + " failed: " + cause.getMessage(), cause);
  }

  @Override
  public void close() {
    try {
      if (in != null) {
        in.close();
      }
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failed("deleting " + file, e);
    }
  }
}
