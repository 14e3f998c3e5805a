package io.arrowraft.client.table.change;

import java.util.concurrent.CompletableFuture;

/** A schema change that was asked for, and that this client carries out unless another one does. */
public final class SchemaJob {
  private final SchemaChanges changes;
  private final long id;
  private final CompletableFuture<Void> done;

  SchemaJob(SchemaChanges changes, long id, CompletableFuture<Void> done) {
    this.changes = changes;
    this.id = id;
    this.done = done;
  }

  /** Its number, by which any client finds it. */
  public long id() {
    return id;
  }

  /**
   * Complete once the change is made and every client goes by it. Fails with {@link
   * io.arrowraft.client.error.ErrorCode#SCHEMA_CHANGE_FAILED} if it was taken back. A change whose
   * client dies stays where it is until a client waits for it or calls {@link
   * SchemaChanges#resume}.
   */
  public CompletableFuture<Void> done() {
    return done;
  }

  /** How far it has come. */
  public CompletableFuture<JobProgress> progress() {
    return changes.progress(id);
  }

  /** Asks for it to be taken back; {@link #done} tells when it is. */
  public CompletableFuture<Void> cancel() {
    return changes.cancel(id);
  }
}
