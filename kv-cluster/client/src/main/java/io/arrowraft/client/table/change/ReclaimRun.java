package io.arrowraft.client.table.change;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.table.schema.SchemaRecords;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.IndexSchema;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Destroys the keys of one record if it is time, from wherever it stands. To destroy keys twice
 * does no harm, so the owner's lease only spares work; how far it has come is kept every few
 * regions.
 */
final class ReclaimRun {
  private static final Logger LOG = LoggerFactory.getLogger(ReclaimRun.class);
  private static final Duration OWNERSHIP = Duration.ofMinutes(1);
  private static final int REGIONS_AT_ONCE = 16;
  private static final int TABLES_AT_ONCE = 200;

  private final Transactions transactions;
  private final long id;

  /** The start of the transaction that made the record this run's, so unique. */
  private long owner;

  ReclaimRun(Transactions transactions, long id) {
    this.transactions = transactions;
    this.id = id;
  }

  /** Whether nothing is left to do. */
  CompletableFuture<Boolean> run() {
    return transactions
        .safePoint()
        .thenCompose(
            safePoint ->
                change((transaction, found) -> claimed(found, safePoint, transaction.timestamp())))
        .thenCompose(
            after -> {
              if (after.isEmpty() || after.get().owner() != owner || owner == 0) {
                return CompletableFuture.completedFuture(after.isEmpty());
              }
              Reclaim mine = after.get();
              LOG.info(
                  "keys of what was dropped are destroyed: reclaim={}, keys={}", id, mine.keys());
              return requireUnused(mine)
                  .thenCompose(
                      unused -> destroy(mine, mine.next().isEmpty() ? mine.start() : mine.next()));
            });
  }

  private Reclaim claimed(Reclaim found, Timestamp safePoint, Timestamp now) {
    if (found.isOthers(owner, now)) {
      return found;
    }
    Reclaim seen = found.seenDroppedAt(now);
    if (!seen.isRipe(safePoint)) {
      return seen;
    }
    owner = now.value();
    return owned(seen, now);
  }

  private Reclaim owned(Reclaim reclaim, Timestamp now) {
    return reclaim.ownedBy(owner, now.physicalMillis() + OWNERSHIP.toMillis());
  }

  private CompletableFuture<Boolean> destroy(Reclaim reclaim, Bytes from) {
    return transactions
        .destroy(from, reclaim.end(), REGIONS_AT_ONCE)
        .thenCompose(
            next ->
                next.isEmpty()
                    ? forget()
                    : change((transaction, found) -> goneOn(found, next.get(), transaction))
                        .thenCompose(
                            after ->
                                after.isPresent() && after.get().owner() == owner
                                    ? destroy(after.get(), next.get())
                                    : CompletableFuture.completedFuture(after.isEmpty())));
  }

  private Reclaim goneOn(Reclaim found, Bytes next, Transaction transaction) {
    return found.owner() == owner ? owned(found.at(next), transaction.timestamp()) : found;
  }

  private CompletableFuture<Boolean> forget() {
    return transactions.retrying(
        transaction -> {
          transaction.delete(MetaKeys.reclaim(id));
          return CompletableFuture.completedFuture(true);
        });
  }

  /** Changes the record; the record as it is then, empty if there is none any more. */
  private CompletableFuture<Optional<Reclaim>> change(
      BiFunction<Transaction, Reclaim, Reclaim> change) {
    return transactions.retrying(
        transaction ->
            transaction
                .get(MetaKeys.reclaim(id))
                .thenApply(
                    stored ->
                        stored.map(
                            bytes -> {
                              Reclaim found = Reclaim.decode(id, bytes);
                              Reclaim after = change.apply(transaction, found);
                              if (!after.equals(found)) {
                                transaction.put(MetaKeys.reclaim(id), after.encode());
                              }
                              return after;
                            })));
  }

  /**
   * A last look before what cannot be undone: ids are not used again, so a table that has the keys
   * now means that the record is wrong.
   */
  private CompletableFuture<Void> requireUnused(Reclaim reclaim) {
    return transactions
        .timestamp()
        .thenCompose(
            now -> requireUnused(transactions.snapshotAt(now), MetaKeys.tables(), reclaim));
  }

  private CompletableFuture<Void> requireUnused(Snapshot snapshot, Bytes from, Reclaim reclaim) {
    return snapshot
        .scan(from, MetaKeys.endOf(MetaKeys.tables()), TABLES_AT_ONCE)
        .thenCompose(
            page -> {
              for (KeyValue pair : page.pairs()) {
                TableSchema schema =
                    SchemaRecords.decode(MetaKeys.tableOf(pair.key()), pair.value());
                if (uses(schema, reclaim.keys())) {
                  throw new InvalidRequestException(
                      ErrorCode.CORRUPT_DATA,
                      "the range to reclaim number "
                          + id
                          + ", "
                          + reclaim.keys()
                          + ", is in use by table "
                          + schema.tableName()
                          + " and is not destroyed");
                }
              }
              return page.continuation().isEmpty()
                  ? CompletableFuture.completedFuture(null)
                  : requireUnused(snapshot, page.continuation().get(), reclaim);
            });
  }

  private static boolean uses(TableSchema schema, KeyRange keys) {
    long table = schema.tableId();
    if (TableKeys.tableRange(table).intersection(keys).isPresent()) {
      return true;
    }
    for (IndexSchema index : schema.indexes()) {
      if (TableKeys.indexRange(table, index.id()).intersection(keys).isPresent()) {
        return true;
      }
    }
    return false;
  }
}
