package io.arrowraft.client.error;

/** What happened. Names are stable: programs may compare and log them. */
public enum ErrorCode {
  PLACEMENT_UNREACHABLE(
      "Check the addresses of the placement driver and that it runs and can be reached."),
  REGION_UNAVAILABLE("Check that a majority of the stores runs, then try again."),
  LOCK_WAIT_TIMEOUT("Another transaction holds the key; try again once it has ended."),
  WRITE_CONFLICT("Run the transaction again from its start."),
  DEADLOCK("Run the transaction again from its start; lock keys in the same order everywhere."),
  SCHEMA_CHANGED("Run the transaction again from its start; it will see the table as it is now."),
  TRANSACTION_ABORTED("Run the transaction again from its start."),
  TIMESTAMP_TOO_OLD(
      "Begin again with a new timestamp; for long reads hold a service safe point, or raise"
          + " gc-life-time."),
  SERVER_BUSY("Send less at a time, or try again later."),
  CLIENT_BUSY("Wait for running work to end, or raise the limit in the client's options."),
  RESPONSE_TOO_LARGE("Ask for fewer rows at a time."),
  KEY_TOO_LONG("Use a shorter key."),
  KEY_EMPTY("Give a key of at least one byte."),
  KEY_EXISTS("Use upsert to replace what is there, or another key."),
  VALUE_TOO_LARGE("Split the value over several keys."),
  TRANSACTION_TOO_LARGE("Split the work over several transactions, or use a bulk load."),
  TRANSACTION_FINISHED("Begin a new transaction."),
  INVALID_ARGUMENT("Correct the call."),
  UNKNOWN_NAMESPACE("Create the namespace, or correct its name."),
  NAMESPACE_NOT_EMPTY("Drop the tables of the namespace first."),
  UNKNOWN_TABLE("Create the table, or correct its name."),
  TABLE_EXISTS("Choose another name, or drop the table first."),
  UNKNOWN_COLUMN("Correct the column's name."),
  UNKNOWN_INDEX("Create the index, wait until it is public, or correct its name."),
  SCHEMA_CHANGE_FAILED("Correct what the message names, then ask for the change again."),
  UNKNOWN_SCHEMA_CHANGE("It has ended, or never was: look at the table."),
  INVALID_VALUE("Give a value of the column's type."),
  INVALID_SCHEMA("Correct the definition of the table."),
  REQUEST_REFUSED("The store cannot carry out such a request; see the message."),
  CORRUPT_DATA("Stop writing, and check the stores' data."),
  CLIENT_CLOSED("Open a new client."),
  OUTCOME_UNKNOWN("Read the data to find out whether the write took effect.");

  private final String remedy;

  ErrorCode(String remedy) {
    this.remedy = remedy;
  }

  /** What the caller can do about it. */
  public String remedy() {
    return remedy;
  }
}
