package io.arrowraft.client.table.change;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.SchemaState;
import io.arrowraft.table.TableName;
import java.util.Objects;

/**
 * A schema change as its record holds it.
 *
 * @param tableId of the table as the change found it; 0 before it began
 * @param objectId of the index or column that changes, or the table's new id; 0 before it began
 * @param state of what changes
 * @param schemaVersion that the last step has made; 0 before it began
 * @param fill how far an index is filled
 * @param cancelled whether somebody wants it back
 * @param failure why it did not come to its end; empty if it did, or may still
 * @param owner a number of whoever carries it out; 0 for nobody
 * @param ownedUntilMillis when others may take it over, in the placement driver's time
 */
record Job(
    long id,
    TableName table,
    SchemaChange change,
    Phase phase,
    long tableId,
    long objectId,
    SchemaState state,
    long schemaVersion,
    Fill fill,
    boolean cancelled,
    String failure,
    long owner,
    long ownedUntilMillis) {

  enum Phase {
    QUEUED(1),
    RUNNING(2),
    /** On its way back: it failed or was cancelled. */
    ROLLING_BACK(3),
    /** The last step is made; its fence is to be waited for. */
    ENDING(4),
    DONE(5),
    FAILED(6);

    private final int code;

    Phase(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }

    boolean isOver() {
      return this == DONE || this == FAILED;
    }
  }

  /**
   * How far an index is filled.
   *
   * @param next the first row key that has not been read; empty at the start
   * @param rowsDone rows that have been read
   * @param rowsExpected about how many there are; 0 if unknown
   */
  record Fill(Bytes next, long rowsDone, long rowsExpected, boolean complete) {
    static final Fill NONE = new Fill(Bytes.EMPTY, 0, 0, false);
  }

  Job {
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(change, "change");
    Objects.requireNonNull(phase, "phase");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(fill, "fill");
    Objects.requireNonNull(failure, "failure");
  }

  static Job queued(long id, TableName table, SchemaChange change) {
    return new Job(
        id, table, change, Phase.QUEUED, 0, 0, SchemaState.ABSENT, 0, Fill.NONE, false, "", 0, 0);
  }

  /** Begun, on a table and an object of it. */
  Job begun(long onTable, long object, SchemaState newState, long version) {
    return new Job(
        id,
        table,
        change,
        Phase.RUNNING,
        onTable,
        object,
        newState,
        version,
        fill,
        cancelled,
        failure,
        owner,
        ownedUntilMillis);
  }

  /** One step further. */
  Job at(Phase newPhase, SchemaState newState, long version) {
    return new Job(
        id,
        table,
        change,
        newPhase,
        tableId,
        objectId,
        newState,
        version,
        fill,
        cancelled,
        failure,
        owner,
        ownedUntilMillis);
  }

  Job in(Phase newPhase) {
    return at(newPhase, state, schemaVersion);
  }

  Job withObject(long object) {
    return new Job(
        id,
        table,
        change,
        phase,
        tableId,
        object,
        state,
        schemaVersion,
        fill,
        cancelled,
        failure,
        owner,
        ownedUntilMillis);
  }

  Job filled(Fill newFill) {
    return new Job(
        id,
        table,
        change,
        phase,
        tableId,
        objectId,
        state,
        schemaVersion,
        newFill,
        cancelled,
        failure,
        owner,
        ownedUntilMillis);
  }

  /** To be taken back, or given up, for a reason. */
  Job failing(Phase newPhase, String reason) {
    return new Job(
        id,
        table,
        change,
        newPhase,
        tableId,
        objectId,
        state,
        schemaVersion,
        fill,
        cancelled,
        reason,
        owner,
        ownedUntilMillis);
  }

  Job cancel() {
    return new Job(
        id,
        table,
        change,
        phase,
        tableId,
        objectId,
        state,
        schemaVersion,
        fill,
        true,
        failure,
        owner,
        ownedUntilMillis);
  }

  Job ownedBy(long newOwner, long untilMillis) {
    return new Job(
        id,
        table,
        change,
        phase,
        tableId,
        objectId,
        state,
        schemaVersion,
        fill,
        cancelled,
        failure,
        newOwner,
        untilMillis);
  }

  /** Whether the same step comes next, whoever owns it. */
  boolean standsWhere(Job other) {
    return phase == other.phase
        && state == other.state
        && schemaVersion == other.schemaVersion
        && cancelled == other.cancelled;
  }
}
