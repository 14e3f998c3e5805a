package io.arrowraft.client.table;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.TableName;
import java.util.Arrays;

/**
 * Where definitions and counters live. Names hold no slash, so keys of one namespace share a prefix
 * that no other key has.
 */
final class MetaKeys {
  private static final String ROOT = "m/arrowraft/";
  private static final String NAMESPACES = ROOT + "namespace/";
  private static final String TABLES = ROOT + "table/";

  private MetaKeys() {}

  static Bytes namespace(String namespace) {
    return Bytes.ofUtf8(NAMESPACES + namespace);
  }

  static Bytes namespaces() {
    return Bytes.ofUtf8(NAMESPACES);
  }

  static String namespaceOf(Bytes key) {
    return text(key).substring(NAMESPACES.length());
  }

  static Bytes table(TableName name) {
    return Bytes.ofUtf8(TABLES + name.namespace() + "/" + name.name());
  }

  static Bytes tables() {
    return Bytes.ofUtf8(TABLES);
  }

  static Bytes tables(String namespace) {
    return Bytes.ofUtf8(TABLES + namespace + "/");
  }

  static TableName tableOf(Bytes key) {
    String[] parts = text(key).substring(TABLES.length()).split("/", 2);
    return new TableName(parts[0], parts[1]);
  }

  static Bytes tableIds() {
    return Bytes.ofUtf8(ROOT + "counter/table-id");
  }

  static Bytes rowIds(long tableId) {
    return Bytes.ofUtf8(ROOT + "counter/row-id/" + tableId);
  }

  /** The first key after all that begin with {@code prefix}, whose last byte is not 0xFF. */
  static Bytes endOf(Bytes prefix) {
    byte[] end = Arrays.copyOf(prefix.unsafeArray(), prefix.length());
    end[end.length - 1]++;
    return Bytes.wrap(end);
  }

  private static String text(Bytes key) {
    return new String(key.unsafeArray(), java.nio.charset.StandardCharsets.UTF_8);
  }
}
