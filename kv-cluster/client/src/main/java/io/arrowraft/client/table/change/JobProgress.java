package io.arrowraft.client.table.change;

import io.arrowraft.table.SchemaState;
import io.arrowraft.table.TableName;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far a schema change has come.
 *
 * @param change what was asked for, for people
 * @param phase QUEUED, RUNNING, ROLLING_BACK, ENDING, DONE or FAILED
 * @param state of the index, column or table that changes
 * @param schemaVersion of the table, as of the last step; 0 before the first
 * @param rowsDone rows that an index has been filled from
 * @param rowsExpected about how many there are to be, if that is known
 * @param failure why it is on its way back or has failed
 */
public record JobProgress(
    long id,
    TableName table,
    String change,
    String phase,
    SchemaState state,
    long schemaVersion,
    long rowsDone,
    OptionalLong rowsExpected,
    Optional<String> failure) {

  static JobProgress of(Job job, long rowsOfParts) {
    long done = job.fill().rowsDone() + rowsOfParts;
    long expected = job.fill().rowsExpected();
    return new JobProgress(
        job.id(),
        job.table(),
        job.change().describe(),
        job.phase().name(),
        job.state(),
        job.schemaVersion(),
        done,
        expected > 0 ? OptionalLong.of(Math.max(expected, done)) : OptionalLong.empty(),
        Optional.of(job.failure()).filter(text -> !text.isEmpty()));
  }
}
