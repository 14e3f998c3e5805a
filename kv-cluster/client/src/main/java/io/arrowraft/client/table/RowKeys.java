package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.AutoId;
import io.arrowraft.table.ValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Gives rows that are to be added their keys: their own, or ones that the table gives out. */
final class RowKeys {
  private final TableView view;
  private final RowCodec codec;
  private final RowIds rowIds;

  RowKeys(TableView view, RowCodec codec, RowIds rowIds) {
    this.view = view;
    this.codec = codec;
    this.rowIds = rowIds;
  }

  /**
   * A row with its key.
   *
   * @param keyIsNew whether no row can have it yet
   */
  record Keyed(Bytes key, Object[] values, boolean keyIsNew) {}

  /**
   * The rows with their keys.
   *
   * @param startTs of the transaction that adds them; spreads random ids
   */
  CompletableFuture<List<Keyed>> of(List<Row> rows, long startTs) {
    List<Object[]> drafts = new ArrayList<>(rows.size());
    int wanted = 0;
    long greatest = 0;
    for (Row row : rows) {
      Object[] values = draft(row);
      drafts.add(values);
      if (view.hasHiddenRowId() || codec.wantsId(row)) {
        codec.encode(values); // before ids are taken, so that a bad row is refused at once
        wanted++;
      } else {
        greatest = Math.max(greatest, numberOf(values));
      }
    }
    int ids = wanted;
    return noted(greatest)
        .thenCompose(done -> ids == 0 ? CompletableFuture.completedFuture(0L) : rowIds.take(ids))
        .thenApply(first -> keyed(rows, drafts, first, startTs));
  }

  /** The values of a row, with any id where it is to be given one. */
  Object[] draft(Row row) {
    return codec.values(row, codec.wantsId(row) ? 1L : null);
  }

  private List<Keyed> keyed(List<Row> rows, List<Object[]> drafts, long firstId, long startTs) {
    List<Keyed> keyed = new ArrayList<>(rows.size());
    long next = firstId;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      if (view.hasHiddenRowId()) {
        keyed.add(new Keyed(codec.key(drafts.get(i), next++), drafts.get(i), true));
      } else {
        Object[] values =
            codec.wantsId(row) ? codec.values(row, idOf(next++, startTs)) : drafts.get(i);
        keyed.add(new Keyed(codec.key(values, 0), values, false));
      }
    }
    return keyed;
  }

  private Long idOf(long number, long startTs) {
    if (!(view.schema().autoId() instanceof AutoId.Random random)) {
      return number;
    }
    try {
      return random.idOf(number, startTs);
    } catch (ValueException usedUp) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_VALUE,
          "table " + view.schema().tableName() + ": " + usedUp.getMessage(),
          usedUp);
    }
  }

  /** A counter must not give out later what a user has chosen now. */
  CompletableFuture<Void> chosen(Object[] values) {
    return noted(numberOf(values));
  }

  private CompletableFuture<Void> noted(long number) {
    return number > 0 ? rowIds.skip(number) : CompletableFuture.completedFuture(null);
  }

  /** The number of the counter that a row's own key takes; 0 if it takes none. */
  private long numberOf(Object[] values) {
    AutoId autoId = view.schema().autoId();
    if (autoId instanceof AutoId.None) {
      return 0;
    }
    int position = view.schema().indexOf(view.schema().primaryKeyColumns().get(0).id());
    long id = ((Number) values[position]).longValue();
    long number =
        autoId instanceof AutoId.Random random ? id & (1L << random.counterBits()) - 1 : id;
    return Math.max(0, number);
  }
}
