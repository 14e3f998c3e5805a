/**
 * Table schema and the codecs of keys, rows and index entries, in the layout that TiDB publishes.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The bytes written here are those that decoders of the TiDB ecosystem read: keys {@code
 *       t{tableId}_r{handle}} and {@code t{tableId}_i{indexId}...}, memcomparable datums in keys,
 *       row format version 2 in values.
 *   <li>Encoded keys order, as unsigned bytes, exactly as the values they were made of.
 *   <li>A schema object is valid by construction; a builder refuses what contradicts itself and
 *       names the column and the rule.
 *   <li>Reading never trusts a length it has not checked against the bytes it was given; damage is
 *       a {@link io.arrowraft.table.CorruptRowException}.
 * </ol>
 *
 * <p>Threading: schema types and static codecs are immutable and shareable. {@link
 * io.arrowraft.table.RowWriter}, {@link io.arrowraft.table.KeyBuilder}, {@link
 * io.arrowraft.table.RowLayout} and {@link io.arrowraft.table.RowReader} hold reused buffers and
 * belong to one thread at a time.
 */
package io.arrowraft.table;
