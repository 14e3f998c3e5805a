package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Tells a log that was torn by a crash from one that was damaged later. RocksDB cannot: it either
 * refuses both or drops in silence what follows the first unreadable record, synced or not.
 *
 * <p>Each batch carries a mark: the last sequence number that was known to be durable when it was
 * written. After the first unreadable record there may still be readable ones, of blocks that
 * happened to reach the disk. If one of them vouches for what cannot be read, that was durable
 * once, and somebody may have been told so; if none does, it was the unsynced end.
 *
 * <p>The format is that of RocksDB's log (log_format.h): blocks of 32 KiB, records of a masked
 * CRC-32C, a length, a type and a payload, batches longer than a block in fragments.
 */
final class WalAudit {
  private static final int BLOCK_BYTES = 32 * 1024;
  private static final int HEADER_BYTES = 7;
  private static final int FULL = 1;
  private static final int FIRST = 2;
  private static final int LAST = 4;
  private static final int MASK_DELTA = 0xa282ead8;

  /** Of a batch, only its beginning is kept: sequence, count and mark. */
  private static final int HEAD_BYTES =
      RocksBatchEncoder.HEADER_BYTES + RocksBatchEncoder.MARK_BYTES;

  private final Path directory;

  /** The last sequence before the first damage; -1 until a record is seen. */
  private long last = -1;

  private boolean damaged;

  /** Who wrote the last batch before the damage; null until one is seen. */
  private Long incarnation;

  /** The batch whose fragments are being read. */
  private byte[] head;

  private WalAudit(Path directory) {
    this.directory = directory;
  }

  /**
   * Reads the logs of an instance that is not open.
   *
   * @throws EngineException CORRUPTION if what was once durable cannot be read, IO if the disk
   *     fails
   */
  static void check(Path directory) {
    WalAudit audit = new WalAudit(directory);
    try {
      for (Path log : logs(directory)) {
        audit.readLog(log);
      }
    } catch (IOException e) {
      throw new EngineException(
          EngineException.Kind.IO, "reading the log in " + directory + " failed: " + e, e);
    }
  }

  private static List<Path> logs(Path directory) throws IOException {
    List<Path> logs = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      files
          .filter(file -> file.getFileName().toString().matches("\\d+\\.log"))
          .filter(Files::isRegularFile)
          .forEach(logs::add);
    }
    logs.sort(Comparator.comparingLong(WalAudit::number));
    return logs;
  }

  private static long number(Path log) {
    String name = log.getFileName().toString();
    return Long.parseLong(name.substring(0, name.indexOf('.')));
  }

  private void readLog(Path log) throws IOException {
    head = null;
    byte[] block = new byte[BLOCK_BYTES];
    try (InputStream in = Files.newInputStream(log)) {
      int read;
      while ((read = in.readNBytes(block, 0, BLOCK_BYTES)) > 0) {
        readBlock(ByteBuffer.wrap(block, 0, read).order(ByteOrder.LITTLE_ENDIAN), log);
      }
    }
    if (head != null) {
      damaged = true; // the batch goes no further
    }
  }

  private void readBlock(ByteBuffer block, Path log) {
    boolean guessing = false;
    while (block.remaining() >= HEADER_BYTES) {
      int checksum = block.getInt();
      int length = Short.toUnsignedInt(block.getShort());
      int type = block.get();
      boolean plausible = type >= FULL && type <= LAST && length <= block.remaining();
      boolean sound = plausible && checksum == checksum(block, length);
      if (!sound) {
        damaged = true;
        head = null;
        if (!plausible || guessing) {
          // Where the next record begins is known again at the next block only.
          return;
        }
        // Perhaps only the payload is damaged: then its length leads to the next record.
      } else {
        take(type, block, length, log);
      }
      guessing = !sound;
      block.position(block.position() + length);
    }
    if (block.hasRemaining() && block.limit() < BLOCK_BYTES) {
      damaged = true;
    }
  }

  /** Of the type and the payload, masked, since RocksDB checksums what contains checksums. */
  private static int checksum(ByteBuffer block, int length) {
    CRC32C crc = new CRC32C();
    crc.update(block.array(), block.position() - 1, 1 + length);
    int value = (int) crc.getValue();
    return ((value >>> 15) | (value << 17)) + MASK_DELTA;
  }

  private void take(int type, ByteBuffer block, int length, Path log) {
    boolean begins = type == FULL || type == FIRST;
    if (begins == (head != null)) {
      damaged = true; // a batch that does not end, or an end without its batch
    }
    if (begins) {
      head = new byte[0];
    }
    if (head != null && head.length < HEAD_BYTES) {
      // A fragment at the end of a block may hold nothing, or less than the head of its batch.
      int from = block.arrayOffset() + block.position();
      int more = Math.min(length, HEAD_BYTES - head.length);
      int had = head.length;
      head = Arrays.copyOf(head, had + more);
      System.arraycopy(block.array(), from, head, had, more);
    }
    if (head != null && (type == FULL || type == LAST)) {
      batch(ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN), log);
      head = null;
    }
  }

  private void batch(ByteBuffer batch, Path log) {
    if (batch.remaining() < RocksBatchEncoder.HEADER_BYTES) {
      damaged = true;
      return;
    }
    long first = batch.getLong();
    int count = batch.getInt();
    RocksBatchEncoder.Mark mark = RocksBatchEncoder.mark(batch);
    boolean reopened = mark != null && incarnation != null && incarnation != mark.incarnation();
    if (!damaged || reopened) {
      // An instance that was opened after the damage has gone on from what there was.
      damaged = false;
      last = first + count - 1;
      incarnation = mark == null ? incarnation : Long.valueOf(mark.incarnation());
      return;
    }
    long durable = mark == null ? 0 : mark.durableSequence();
    // With no record before the damage, what is lost ends where this one begins.
    long lost = last < 0 ? first - 1 : last + 1;
    if (durable >= lost && durable > 0) {
      throw CorruptDataException.unplaced(
          "the log of the engine in "
              + directory
              + " is damaged before its end: sequence "
              + lost
              + " cannot be read, and a later batch in "
              + log.getFileName()
              + " says that all up to "
              + durable
              + " was durable",
          null);
    }
  }
}
