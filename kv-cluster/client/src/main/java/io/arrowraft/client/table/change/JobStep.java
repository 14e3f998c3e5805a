package io.arrowraft.client.table.change;

import io.arrowraft.client.table.change.Job.Phase;
import io.arrowraft.table.Column;
import io.arrowraft.table.IndexSchema;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.SchemaException;
import io.arrowraft.table.SchemaState;
import io.arrowraft.table.SchemaStep;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.util.List;
import java.util.Optional;

/**
 * One step of a job: what its record and the table's definition become. Pure.
 *
 * @param schema the same as before where only the job moves on
 * @param dropped keys that nobody uses any more once this step's fence is passed
 */
record JobStep(Job job, TableSchema schema, Optional<KeyRange> dropped) {
  private static final List<SchemaState> INDEX_IN =
      List.of(
          SchemaState.DELETE_ONLY,
          SchemaState.WRITE_ONLY,
          SchemaState.BACKFILL,
          SchemaState.PUBLIC);
  private static final List<SchemaState> COLUMN_IN =
      List.of(SchemaState.DELETE_ONLY, SchemaState.WRITE_ONLY, SchemaState.PUBLIC);
  private static final List<SchemaState> OUT =
      List.of(SchemaState.WRITE_ONLY, SchemaState.DELETE_ONLY, SchemaState.ABSENT);

  /**
   * The first step.
   *
   * @param newTableId for a table that is emptied, unused otherwise
   * @throws SchemaException if the definition does not permit the change
   */
  static JobStep first(Job job, TableSchema before) {
    SchemaChange change = job.change();
    if (change instanceof SchemaChange.AddIndex add) {
      TableSchema after = SchemaStep.addIndex(before, add.name(), add.unique(), add.columns());
      return begun(job, after, after.evolution().lastIndexId(), SchemaState.DELETE_ONLY);
    }
    if (change instanceof SchemaChange.DropIndex drop) {
      IndexSchema index = requireIndex(before, drop.name());
      return begun(
          job,
          SchemaStep.index(before, index.id(), SchemaState.WRITE_ONLY),
          index.id(),
          SchemaState.WRITE_ONLY);
    }
    if (change instanceof SchemaChange.AddColumn add) {
      Column column = add.column();
      TableSchema after =
          SchemaStep.addColumn(
              before, column.name(), column.declared(), column.nullable(), column.defaultValue());
      return begun(job, after, after.evolution().lastColumnId(), SchemaState.DELETE_ONLY);
    }
    if (change instanceof SchemaChange.DropColumn drop) {
      Column column = SchemaStep.requireDroppable(before, drop.name());
      return begun(
          job,
          SchemaStep.column(before, column.id(), SchemaState.WRITE_ONLY),
          column.id(),
          SchemaState.WRITE_ONLY);
    }
    if (change instanceof SchemaChange.RenameColumn rename) {
      TableSchema after = SchemaStep.renameColumn(before, rename.from(), rename.to());
      Job begun = job.begun(before.tableId(), 0, SchemaState.PUBLIC, after.schemaVersion());
      return new JobStep(begun.in(Phase.ENDING), after, Optional.empty());
    }
    // No writer may put a row under the old id once readers look under the new one.
    return begun(
        job, SchemaStep.table(before, SchemaState.DELETE_ONLY), 0, SchemaState.DELETE_ONLY);
  }

  private static JobStep begun(Job job, TableSchema after, long objectId, SchemaState state) {
    return new JobStep(
        job.begun(after.tableId(), objectId, state, after.schemaVersion()),
        after,
        Optional.empty());
  }

  private static IndexSchema requireIndex(TableSchema schema, String name) {
    return schema
        .index(name)
        .orElseThrow(
            () ->
                new SchemaException("table " + schema.tableName() + " has no index named " + name));
  }

  /** A later step forwards, or back if the job is on its way back. */
  static JobStep next(Job job, TableSchema before) {
    SchemaState target =
        job.phase() == Phase.ROLLING_BACK ? back(job.state()) : forward(job.change(), job.state());
    TableSchema after =
        isAboutIndex(job.change())
            ? SchemaStep.index(before, job.objectId(), target)
            : SchemaStep.column(before, job.objectId(), target);
    boolean last = target == SchemaState.PUBLIC || target == SchemaState.ABSENT;
    Optional<KeyRange> dropped =
        target == SchemaState.ABSENT && isAboutIndex(job.change())
            ? Optional.of(TableKeys.indexRange(before.tableId(), job.objectId()))
            : Optional.empty();
    return new JobStep(
        job.at(last ? Phase.ENDING : job.phase(), target, after.schemaVersion()), after, dropped);
  }

  /** The last step of emptying a table. */
  static JobStep emptied(Job job, TableSchema before, long newTableId) {
    TableSchema after = SchemaStep.emptied(before, newTableId);
    return new JobStep(
        job.at(Phase.ENDING, SchemaState.PUBLIC, after.schemaVersion()).withObject(newTableId),
        after,
        Optional.of(KeyRange.prefix(TableKeys.tablePrefix(before.tableId()))));
  }

  static boolean isAboutIndex(SchemaChange change) {
    return change instanceof SchemaChange.AddIndex || change instanceof SchemaChange.DropIndex;
  }

  /** Whether a job may still be taken back: what it adds is not in use yet. */
  static boolean isCancellable(Job job) {
    boolean adds =
        job.change() instanceof SchemaChange.AddIndex
            || job.change() instanceof SchemaChange.AddColumn;
    return job.phase() == Phase.QUEUED || (adds && job.phase() == Phase.RUNNING);
  }

  private static SchemaState forward(SchemaChange change, SchemaState state) {
    List<SchemaState> way =
        change instanceof SchemaChange.AddIndex
            ? INDEX_IN
            : change instanceof SchemaChange.AddColumn ? COLUMN_IN : OUT;
    return way.get(way.indexOf(state) + 1);
  }

  private static SchemaState back(SchemaState state) {
    return state == SchemaState.DELETE_ONLY ? SchemaState.ABSENT : SchemaState.DELETE_ONLY;
  }
}
