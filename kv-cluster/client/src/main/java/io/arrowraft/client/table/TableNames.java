package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.table.SchemaException;
import io.arrowraft.table.TableName;

/** Names as users give them. */
final class TableNames {
  private TableNames() {}

  static TableName parse(String text) {
    try {
      return TableName.parse(text);
    } catch (SchemaException malformed) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT, malformed.getMessage(), malformed);
    }
  }

  /** Checks a namespace by the rules of a table's name. */
  static String namespace(String text) {
    return parse(text + ".t").namespace();
  }
}
