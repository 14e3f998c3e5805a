package io.arrowraft.storage.txn;

/** Ends the attempt to prewrite for a quicker kind of commit than is possible. */
final class FallBack extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FallBack(String why) {
    super(why, null, false, false);
  }
}
