package io.arrowraft.storage.raftlog;

import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.HardState;
import io.arrowraft.storage.engine.CorruptDataException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Keys and values of the log's records. */
final class RaftLogFormat {
  private static final byte KEY_SPACE = 1;
  private static final byte STATE = 0;
  private static final byte ENTRY = 1;
  private static final byte VERSION = 1;
  private static final int GROUP_KEY_BYTES = 1 + Long.BYTES;
  private static final int STATE_BYTES = 6 * Long.BYTES;
  private static final int ENTRY_HEADER_BYTES = Long.BYTES + 1;

  private RaftLogFormat() {}

  /** Where the records of a group begin. */
  static byte[] groupStart(long groupId) {
    return ByteBuffer.allocate(GROUP_KEY_BYTES).put(KEY_SPACE).putLong(groupId).array();
  }

  /** The first key after the records of a group. */
  static byte[] groupEnd(long groupId) {
    return groupId == -1L ? new byte[] {KEY_SPACE + 1} : groupStart(groupId + 1);
  }

  static byte[] stateKey(long groupId) {
    return ByteBuffer.allocate(GROUP_KEY_BYTES + 1)
        .put(KEY_SPACE)
        .putLong(groupId)
        .put(STATE)
        .array();
  }

  static byte[] entryKey(long groupId, long index) {
    return ByteBuffer.allocate(GROUP_KEY_BYTES + 1 + Long.BYTES)
        .put(KEY_SPACE)
        .putLong(groupId)
        .put(ENTRY)
        .putLong(index)
        .array();
  }

  static long groupOf(byte[] key) {
    return ByteBuffer.wrap(key).getLong(1);
  }

  static byte[] encode(byte[] key, GroupLogState state) {
    ByteBuffer out = record(STATE_BYTES);
    out.putLong(state.hardState().term())
        .putLong(state.hardState().vote())
        .putLong(state.hardState().commit())
        .putLong(state.truncatedIndex())
        .putLong(state.truncatedTerm())
        .putLong(state.lastIndex());
    return seal(key, out);
  }

  static GroupLogState decodeState(byte[] key, byte[] value) {
    ByteBuffer in = open(key, value, STATE_BYTES, "group");
    return new GroupLogState(
        new HardState(in.getLong(), in.getLong(), in.getLong()),
        in.getLong(),
        in.getLong(),
        in.getLong());
  }

  static byte[] encode(byte[] key, Entry entry) {
    ByteBuffer out = record(ENTRY_HEADER_BYTES + entry.data().length);
    out.putLong(entry.term()).put(code(entry.type())).put(entry.data());
    return seal(key, out);
  }

  static Entry decodeEntry(byte[] key, long index, byte[] value) {
    ByteBuffer in = open(key, value, ENTRY_HEADER_BYTES, "entry");
    long term = in.getLong();
    byte code = in.get();
    byte[] data = new byte[in.remaining()];
    in.get(data);
    return new Entry(term, index, type(code, key), data);
  }

  private static byte code(EntryType type) {
    return switch (type) {
      case NORMAL -> 0;
      case MEMBERSHIP -> 1;
    };
  }

  private static EntryType type(byte code, byte[] key) {
    return switch (code) {
      case 0 -> EntryType.NORMAL;
      case 1 -> EntryType.MEMBERSHIP;
      default -> throw damaged("entry", key, "unknown type " + code);
    };
  }

  private static ByteBuffer record(int payloadBytes) {
    return ByteBuffer.allocate(1 + payloadBytes + Integer.BYTES).put(VERSION);
  }

  private static byte[] seal(byte[] key, ByteBuffer record) {
    byte[] bytes = record.array();
    record.putInt(checksum(key, bytes, bytes.length - Integer.BYTES));
    return bytes;
  }

  /** The payload, once version and checksum are found right. */
  private static ByteBuffer open(byte[] key, byte[] value, int payloadMin, String kind) {
    if (value.length < 1 + payloadMin + Integer.BYTES) {
      throw damaged(kind, key, "only " + value.length + " bytes");
    }
    int covered = value.length - Integer.BYTES;
    if (ByteBuffer.wrap(value).getInt(covered) != checksum(key, value, covered)) {
      throw damaged(kind, key, "checksum mismatch");
    }
    if (value[0] != VERSION) {
      throw damaged(kind, key, "unknown format version " + value[0]);
    }
    return ByteBuffer.wrap(value, 1, covered - 1);
  }

  private static int checksum(byte[] key, byte[] value, int length) {
    CRC32C crc = new CRC32C();
    crc.update(key, 0, key.length);
    crc.update(value, 0, length);
    return (int) crc.getValue();
  }

  static CorruptDataException damaged(String kind, byte[] key, String problem) {
    return CorruptDataException.ofGroup(
        groupOf(key),
        "damaged raft log record, kind="
            + kind
            + " group="
            + groupOf(key)
            + (key.length > GROUP_KEY_BYTES + 1
                ? " index=" + ByteBuffer.wrap(key).getLong(GROUP_KEY_BYTES + 1)
                : "")
            + ": "
            + problem);
  }
}
