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
   * @param next the first row key that no part has; empty at the start
   * @param rowsDone rows that have been read, beside those of the parts
   * @param rowsExpected about how many there are; 0 if unknown
   * @param parts into how many ranges the rest is divided, each with a record of its own; 0 if it
   *     is not
   */
  record Fill(Bytes next, long rowsDone, long rowsExpected, boolean complete, int parts) {
    static final Fill NONE = new Fill(Bytes.EMPTY, 0, 0, false, 0);

    static Fill expecting(long rows) {
      return new Fill(Bytes.EMPTY, 0, rows, false, 0);
    }

    Fill inParts(int count) {
      return new Fill(next, rowsDone, rowsExpected, complete, count);
    }

    /** All parts are done. */
    Fill completed(long rowsOfParts) {
      return new Fill(Bytes.EMPTY, rowsDone + rowsOfParts, rowsExpected, true, 0);
    }
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
    Draft draft = new Draft(this).standing(Phase.RUNNING, newState, version);
    draft.tableId = onTable;
    draft.objectId = object;
    return draft.job();
  }

  /** One step further. */
  Job at(Phase newPhase, SchemaState newState, long version) {
    return new Draft(this).standing(newPhase, newState, version).job();
  }

  Job in(Phase newPhase) {
    return at(newPhase, state, schemaVersion);
  }

  Job withObject(long object) {
    Draft draft = new Draft(this);
    draft.objectId = object;
    return draft.job();
  }

  Job filled(Fill newFill) {
    Draft draft = new Draft(this);
    draft.fill = newFill;
    return draft.job();
  }

  /** To be taken back, or given up, for a reason. */
  Job failing(Phase newPhase, String reason) {
    Draft draft = new Draft(this).standing(newPhase, state, schemaVersion);
    draft.failure = reason;
    return draft.job();
  }

  Job cancel() {
    Draft draft = new Draft(this);
    draft.cancelled = true;
    return draft.job();
  }

  Job ownedBy(long newOwner, long untilMillis) {
    Draft draft = new Draft(this);
    draft.owner = newOwner;
    draft.ownedUntilMillis = untilMillis;
    return draft.job();
  }

  /** A copy under change: what may change of a job. */
  private static final class Draft {
    private final Job from;
    private Phase phase;
    private long tableId;
    private long objectId;
    private SchemaState state;
    private long schemaVersion;
    private Fill fill;
    private boolean cancelled;
    private String failure;
    private long owner;
    private long ownedUntilMillis;

    Draft(Job from) {
      this.from = from;
      this.phase = from.phase;
      this.tableId = from.tableId;
      this.objectId = from.objectId;
      this.state = from.state;
      this.schemaVersion = from.schemaVersion;
      this.fill = from.fill;
      this.cancelled = from.cancelled;
      this.failure = from.failure;
      this.owner = from.owner;
      this.ownedUntilMillis = from.ownedUntilMillis;
    }

    Draft standing(Phase newPhase, SchemaState newState, long version) {
      phase = newPhase;
      state = newState;
      schemaVersion = version;
      return this;
    }

    Job job() {
      return new Job(
          from.id,
          from.table,
          from.change,
          phase,
          tableId,
          objectId,
          state,
          schemaVersion,
          fill,
          cancelled,
          failure,
          owner,
          ownedUntilMillis);
    }
  }

  /** Whether the same step comes next, whoever owns it. */
  boolean standsWhere(Job other) {
    return phase == other.phase
        && state == other.state
        && schemaVersion == other.schemaVersion
        && cancelled == other.cancelled;
  }
}
