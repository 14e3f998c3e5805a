/**
 * Tables over transactions: definitions kept in the store itself, rows in the layout of {@code
 * io.arrowraft.table}.
 *
 * <ol>
 *   <li>Definitions live under the reserved prefix {@code m} and change in transactions like any
 *       data: two creators of one name meet in a conflict, and one of them wins.
 *   <li>Table ids, and row ids that the table gives out, come from counters there and are never
 *       used twice; a batch of row ids that a client took and did not use is lost.
 *   <li>A row is checked against its table before it is buffered: unknown columns, missing values
 *       and wrong types are refused with the column's name, and nothing is changed.
 *   <li>A row's index entries are written in the transaction that writes the row: at any timestamp
 *       an index that readers may use holds exactly what the rows say. What an index that is on its
 *       way in or out is due follows from its {@code SchemaState}.
 *   <li>A call goes by the definition that held when its transaction began, and the transaction
 *       commits only while that is sure to hold: the page of {@code table.schema}.
 *   <li>A bulk load is many transactions: each is atomic, the load as a whole is not.
 * </ol>
 *
 * <p>Reading order: {@code TableDefinition}, {@code Tables}, {@code TableHandle}, {@code
 * TableWrites}, {@code RowChange}, {@code IndexHandle}, {@code BulkLoad}; changes of definitions
 * are in {@code table.change}.
 *
 * <p>Threading: {@code Tables} and {@code TableHandle} are safe for use by any thread as far as the
 * transaction given to them permits.
 */
package io.arrowraft.client.table;
