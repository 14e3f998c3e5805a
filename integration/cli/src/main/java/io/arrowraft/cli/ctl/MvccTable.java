package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;

/**
 * A key's history for people: the lock, then what was written, newest first, each with its value.
 */
final class MvccTable {
  private static final int LOGICAL_BITS = 18;
  private static final int VALUE_BYTES_SHOWN = 48;

  private MvccTable() {}

  static Table of(JsonNode found) {
    Table table = new Table("WHAT", "TYPE", "START", "COMMIT", "TIME", "VALUE");
    JsonNode info = found.at("/value/info");
    JsonNode lock = info.path("lock");
    if (!lock.isMissingNode()) {
      table.row(
          "lock, primary " + text(bytes(lock.path("primary"))),
          lock.path("type"),
          lock.path("start_ts"),
          "",
          time(lock.path("start_ts").asLong()),
          value(lock, info));
    }
    for (JsonNode write : info.path("writes")) {
      table.row(
          "write" + (write.has("has_overlapped_rollback") ? ", a rollback as well" : ""),
          write.path("type"),
          write.path("start_ts"),
          write.path("commit_ts"),
          time(write.path("commit_ts").asLong()),
          value(write, info));
    }
    return table;
  }

  private static String time(long timestamp) {
    return Instant.ofEpochMilli(timestamp >>> LOGICAL_BITS).toString();
  }

  /** A short value lies in the record itself, a long one beside it under the same start. */
  private static String value(JsonNode record, JsonNode info) {
    if (record.has("short_value")) {
      return text(bytes(record.path("short_value")));
    }
    for (JsonNode value : info.path("values")) {
      if (value.path("start_ts").asLong() == record.path("start_ts").asLong()) {
        return text(bytes(value.path("value")));
      }
    }
    return "";
  }

  private static byte[] bytes(JsonNode base64) {
    try {
      return base64.binaryValue();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static String text(byte[] bytes) {
    String whole;
    try {
      whole = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (whole.chars().anyMatch(Character::isISOControl)) {
        whole = "0x" + HexFormat.of().formatHex(bytes);
      }
    } catch (CharacterCodingException binary) {
      whole = "0x" + HexFormat.of().formatHex(bytes);
    }
    return whole.length() <= VALUE_BYTES_SHOWN
        ? whole
        : whole.substring(0, VALUE_BYTES_SHOWN) + "... (" + bytes.length + " bytes)";
  }
}
