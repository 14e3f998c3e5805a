package io.arrowraft.client.table.schema;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.TableName;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Where definitions and counters live. Names hold no slash, so keys of one namespace share a prefix
 * that no other key has.
 */
public final class MetaKeys {
  private static final String ROOT = "m/arrowraft/";
  private static final String NAMESPACES = ROOT + "namespace/";
  private static final String TABLES = ROOT + "table/";
  private static final String JOBS = ROOT + "job/";
  private static final String ENDED = ROOT + "ended-job/";
  private static final String FILLS = ROOT + "fill/";
  private static final String RECLAIMS = ROOT + "reclaim/";

  private MetaKeys() {}

  public static Bytes namespace(String namespace) {
    return Bytes.ofUtf8(NAMESPACES + namespace);
  }

  public static Bytes namespaces() {
    return Bytes.ofUtf8(NAMESPACES);
  }

  public static String namespaceOf(Bytes key) {
    return text(key).substring(NAMESPACES.length());
  }

  public static Bytes table(TableName name) {
    return Bytes.ofUtf8(TABLES + name.namespace() + "/" + name.name());
  }

  public static Bytes tables() {
    return Bytes.ofUtf8(TABLES);
  }

  public static Bytes tables(String namespace) {
    return Bytes.ofUtf8(TABLES + namespace + "/");
  }

  public static TableName tableOf(Bytes key) {
    String[] parts = text(key).substring(TABLES.length()).split("/", 2);
    return new TableName(parts[0], parts[1]);
  }

  public static Bytes tableIds() {
    return Bytes.ofUtf8(ROOT + "counter/table-id");
  }

  public static Bytes rowIds(long tableId) {
    return Bytes.ofUtf8(ROOT + "counter/row-id/" + tableId);
  }

  /** The numbers of schema changes. */
  public static Bytes jobIds() {
    return Bytes.ofUtf8(ROOT + "counter/job-id");
  }

  /** A schema change that has not ended; keys order as the numbers do. */
  public static Bytes job(long id) {
    return Bytes.ofUtf8(JOBS + HexFormat.of().toHexDigits(id));
  }

  public static Bytes jobs() {
    return Bytes.ofUtf8(JOBS);
  }

  /** How far a part of the rows is that an index is filled from. */
  public static Bytes fillPart(long jobId, int part) {
    return Bytes.ofUtf8(
        FILLS + HexFormat.of().toHexDigits(jobId) + "/" + HexFormat.of().toHexDigits(part));
  }

  public static Bytes fillParts(long jobId) {
    return Bytes.ofUtf8(FILLS + HexFormat.of().toHexDigits(jobId) + "/");
  }

  /** Of all schema changes. */
  public static Bytes fillParts() {
    return Bytes.ofUtf8(FILLS);
  }

  /** How a schema change ended. */
  public static Bytes endedJob(long id) {
    return Bytes.ofUtf8(ENDED + HexFormat.of().toHexDigits(id));
  }

  /** Keys of a dropped table or index that are to be deleted. */
  public static Bytes reclaim(long id) {
    return Bytes.ofUtf8(RECLAIMS + HexFormat.of().toHexDigits(id));
  }

  public static Bytes reclaims() {
    return Bytes.ofUtf8(RECLAIMS);
  }

  /** The number in the key of a job, of a part of a filling, or of a range to reclaim. */
  public static long numberOf(Bytes key) {
    String text = text(key);
    return HexFormat.fromHexDigitsToLong(text.substring(text.lastIndexOf('/') + 1));
  }

  /** The first key after all that begin with {@code prefix}, whose last byte is not 0xFF. */
  public static Bytes endOf(Bytes prefix) {
    byte[] end = Arrays.copyOf(prefix.unsafeArray(), prefix.length());
    end[end.length - 1]++;
    return Bytes.wrap(end);
  }

  private static String text(Bytes key) {
    return new String(key.unsafeArray(), java.nio.charset.StandardCharsets.UTF_8);
  }
}
