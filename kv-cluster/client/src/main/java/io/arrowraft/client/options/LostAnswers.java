package io.arrowraft.client.options;

/**
 * What becomes of a raw put or delete whose answer was lost: it may have been carried out. Reads,
 * compare-and-swap (never sent again) and transactions are not concerned.
 */
public enum LostAnswers {
  /**
   * It is sent again until it is answered or its time is over, as TiKV's clients do. Then it may
   * take effect twice, the second time after another client's newer write to the same key, which is
   * lost. Fine where a key has one writer at a time, or where all writers of a key write the same.
   */
  REPEAT,

  /**
   * The call fails with {@link io.arrowraft.client.error.OutcomeUnknownException}, and each write
   * takes effect once or not at all: every key is a linearizable register. The caller reads before
   * it decides to write again. What a store refused, and what never reached one, is still repeated.
   */
  SURFACE
}
