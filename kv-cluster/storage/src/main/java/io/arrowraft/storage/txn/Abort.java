package io.arrowraft.storage.txn;

/** Carries the error that ends a command from the rule that found it to the command. */
final class Abort extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient TxnError error;

  Abort(TxnError error) {
    super(error.toString(), null, false, false);
    this.error = error;
  }

  TxnError error() {
    return error;
  }
}
