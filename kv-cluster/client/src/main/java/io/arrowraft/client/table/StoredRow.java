package io.arrowraft.client.table;

import io.arrowraft.runtime.Bytes;

/**
 * A row and where it is stored.
 *
 * @param rowKey addresses the row, also where the table has no primary key
 */
public record StoredRow(Bytes rowKey, Row row) {}
