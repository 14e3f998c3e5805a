package io.arrowraft.storage.txn;

/** The result of commands that have nothing to say but that they succeeded. */
public enum Done {
  DONE
}
