package io.arrowraft.e2e;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.tikv.common.BytePairWrapper;
import org.tikv.common.ByteWrapper;
import org.tikv.common.TiSession;
import org.tikv.common.meta.TiTimestamp;
import org.tikv.common.util.BackOffer;
import org.tikv.common.util.ConcreteBackOffer;
import org.tikv.shade.com.google.protobuf.ByteString;
import org.tikv.txn.TwoPhaseCommitter;

/**
 * One transaction of the official client's, whose steps are taken one by one, so that it can be
 * abandoned between any two of them. The first key is the primary.
 */
final class OfficialTransaction implements AutoCloseable {
  static final int LOCK_TTL_MILLIS = 3_000;
  private static final int BACKOFF_MILLIS = 20_000;
  private static final int LOGICAL_BITS = 18;

  private final TiSession session;
  private final long startTs;
  private final TwoPhaseCommitter committer;
  private final Map<String, String> pairs;
  private long commitTs;

  private OfficialTransaction(TiSession session, long startTs, Map<String, String> pairs) {
    this.session = session;
    this.startTs = startTs;
    this.pairs = new LinkedHashMap<>(pairs);
    this.committer = new TwoPhaseCommitter(session, startTs, LOCK_TTL_MILLIS);
  }

  /** One that begins now. */
  static OfficialTransaction begin(TiSession session, Map<String, String> pairs) {
    return begin(session, session.getTimestamp().getVersion(), pairs);
  }

  static OfficialTransaction begin(TiSession session, long startTs, Map<String, String> pairs) {
    return new OfficialTransaction(session, startTs, pairs);
  }

  /** All steps. */
  static void commit(TiSession session, Map<String, String> pairs) throws Exception {
    try (OfficialTransaction transaction = begin(session, pairs)) {
      transaction.prewrite().commitPrimary().commitSecondaries();
    }
  }

  OfficialTransaction prewritePrimary() {
    committer.prewritePrimaryKey(
        backoff(), primary(), pairs.values().iterator().next().getBytes(StandardCharsets.UTF_8));
    return this;
  }

  OfficialTransaction prewrite() {
    prewritePrimary();
    Iterator<BytePairWrapper> rest = secondaries().iterator();
    if (rest.hasNext()) {
      committer.prewriteSecondaryKeys(primary(), rest, BACKOFF_MILLIS);
    }
    return this;
  }

  /** Whether the time of its locks is over. */
  boolean hasExpiredAt(TiTimestamp now) {
    return now.getPhysical() - (startTs >> LOGICAL_BITS) > LOCK_TTL_MILLIS;
  }

  /** From here on the outcome is decided, or unknown if this fails. */
  OfficialTransaction commitPrimary() {
    commitTs = session.getTimestamp().getVersion();
    committer.commitPrimaryKey(backoff(), primary(), commitTs);
    return this;
  }

  OfficialTransaction commitSecondaries() {
    Iterator<ByteWrapper> rest =
        secondaries().map(pair -> new ByteWrapper(pair.getKey())).iterator();
    if (rest.hasNext()) {
      committer.commitSecondaryKeys(rest, commitTs, BACKOFF_MILLIS);
    }
    return this;
  }

  private byte[] primary() {
    return bytes(pairs.keySet().iterator().next()).toByteArray();
  }

  private Stream<BytePairWrapper> secondaries() {
    return pairs.entrySet().stream()
        .skip(1)
        .map(
            pair ->
                new BytePairWrapper(
                    bytes(pair.getKey()).toByteArray(), bytes(pair.getValue()).toByteArray()));
  }

  static BackOffer backoff() {
    return ConcreteBackOffer.newCustomBackOff(BACKOFF_MILLIS);
  }

  static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  @Override
  public void close() throws Exception {
    committer.close();
  }
}
