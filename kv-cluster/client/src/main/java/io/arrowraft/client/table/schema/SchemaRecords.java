package io.arrowraft.client.table.schema;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.SchemaException;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import io.arrowraft.table.TableSchemaCodec;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Definitions as the store keeps them. */
public final class SchemaRecords {
  private SchemaRecords() {}

  /** A table's definition, if there is such a table. */
  public static CompletableFuture<Optional<TableSchema>> find(
      TransactionalReader reader, TableName name) {
    return reader
        .get(MetaKeys.table(name))
        .thenApply(stored -> stored.map(bytes -> decode(name, bytes)));
  }

  /** A table's definition; fails with {@link ErrorCode#UNKNOWN_TABLE}. */
  public static CompletableFuture<TableSchema> get(TransactionalReader reader, TableName name) {
    return find(reader, name).thenApply(found -> found.orElseThrow(() -> unknown(name)));
  }

  public static Bytes encode(TableSchema schema) {
    return Bytes.wrap(TableSchemaCodec.encode(schema));
  }

  public static InvalidRequestException unknown(TableName name) {
    return new InvalidRequestException(ErrorCode.UNKNOWN_TABLE, "there is no table " + name);
  }

  public static TableSchema decode(TableName name, Bytes bytes) {
    try {
      return TableSchemaCodec.decode(bytes.unsafeArray());
    } catch (SchemaException damaged) {
      throw new InvalidRequestException(
          ErrorCode.CORRUPT_DATA,
          "the definition of table " + name + ": " + damaged.getMessage(),
          damaged);
    }
  }
}
