package io.arrowraft.table;

/**
 * How far an online schema change has come (F1's states). Two neighbours in this order may be live
 * at once without harm; two that are further apart may not.
 */
public enum SchemaState {
  ABSENT(0),
  DELETE_ONLY(1),
  WRITE_ONLY(2),
  BACKFILL(3),
  PUBLIC(4);

  private final int code;

  SchemaState(int code) {
    this.code = code;
  }

  /** Whether writers remove what their rows no longer have. */
  public boolean removes() {
    return this != ABSENT;
  }

  /** Whether writers also add what their rows have. */
  public boolean adds() {
    return this == WRITE_ONLY || this == BACKFILL || this == PUBLIC;
  }

  /** Whether readers may rely on it. */
  public boolean reads() {
    return this == PUBLIC;
  }

  /** The number that persisted schemas carry. */
  public int code() {
    return code;
  }

  public static SchemaState ofCode(int code) {
    for (SchemaState state : values()) {
      if (state.code == code) {
        return state;
      }
    }
    throw new SchemaException("unknown schema state code " + code);
  }
}
