package io.arrowraft.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.tikv.common.BytePairWrapper;
import org.tikv.common.ByteWrapper;
import org.tikv.common.TiConfiguration;
import org.tikv.common.TiSession;
import org.tikv.common.util.BackOffer;
import org.tikv.common.util.ConcreteBackOffer;
import org.tikv.common.util.Pair;
import org.tikv.kvproto.Kvrpcpb;
import org.tikv.raw.RawKVClient;
import org.tikv.shade.com.google.protobuf.ByteString;
import org.tikv.txn.KVClient;
import org.tikv.txn.TwoPhaseCommitter;

/** The official TiKV client works against our cluster, unaware that it is not TiKV. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OfficialClientTest {
  private static final int BACKOFF_MILLIS = 20_000;
  private static final int LOCK_TTL_MILLIS = 3_000;

  private LocalCluster cluster;

  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    cluster = LocalCluster.start(data, 3);
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  @Test
  void putsGetsScansAndDeletesRawPairs() throws Exception {
    try (TiSession session = session(TiConfiguration.createRawDefault(cluster.pdAddress()));
        RawKVClient raw = session.createRawClient()) {
      raw.put(bytes("raw-1"), bytes("one"));
      raw.put(bytes("raw-2"), bytes("two"));
      raw.put(bytes("raw-3"), ByteString.EMPTY);
      assertThat(raw.get(bytes("raw-1"))).contains(bytes("one"));
      assertThat(raw.get(bytes("raw-3"))).contains(ByteString.EMPTY);
      assertThat(raw.get(bytes("raw-4"))).isEmpty();
      assertThat(keys(raw.scan(bytes("raw-"), bytes("raw."), 10)))
          .containsExactly("raw-1", "raw-2", "raw-3");
      assertThat(keys(raw.scan(bytes("raw-2"), 2))).startsWith("raw-2", "raw-3");
      raw.delete(bytes("raw-2"));
      assertThat(raw.get(bytes("raw-2"))).isEmpty();
    }
  }

  @Test
  void putsGetsAndDeletesRawPairsInBatches() throws Exception {
    try (TiSession session = session(TiConfiguration.createRawDefault(cluster.pdAddress()));
        RawKVClient raw = session.createRawClient()) {
      Map<ByteString, ByteString> pairs = new LinkedHashMap<>();
      for (int i = 0; i < 500; i++) {
        pairs.put(bytes("batch-%04d".formatted(i)), bytes("value-" + i));
      }
      raw.batchPut(pairs);
      List<ByteString> asked = new ArrayList<>(pairs.keySet());
      assertThat(
              raw.batchGet(asked).stream()
                  .collect(Collectors.toMap(Kvrpcpb.KvPair::getKey, Kvrpcpb.KvPair::getValue)))
          .isEqualTo(pairs);
      raw.batchDelete(asked.subList(0, 250));
      assertThat(raw.batchGet(asked)).hasSize(250);
      raw.deleteRange(bytes("batch-"), bytes("batch."));
      assertThat(raw.scan(bytes("batch-"), bytes("batch."), 1_000)).isEmpty();
    }
  }

  @Test
  void commitsInTwoPhasesAndReadsAtOldAndNewTimestamps() throws Exception {
    try (TiSession session = session(TiConfiguration.createDefault(cluster.pdAddress()));
        KVClient reader = session.createKVClient()) {
      Map<String, String> first = pairs("txn", "first");
      commit(session, first);
      long between = session.getTimestamp().getVersion();
      commit(session, pairs("txn", "second"));
      long after = session.getTimestamp().getVersion();

      assertThat(reader.get(bytes("txn-007"), between)).isEqualTo(bytes("first-7"));
      assertThat(reader.get(bytes("txn-007"), after)).isEqualTo(bytes("second-7"));
      assertThat(values(reader.scan(bytes("txn-"), bytes("txn."), between)))
          .containsExactlyElementsOf(first.values());
      assertThat(
              reader.batchGet(
                  backoff(),
                  // It sorts the list that it is given.
                  first.keySet().stream()
                      .map(OfficialClientTest::bytes)
                      .collect(Collectors.toCollection(ArrayList::new)),
                  between))
          .hasSize(first.size());
    }
  }

  @Test
  void resolvesTheLocksOfACommittedPrimaryWhoseSecondariesWereForgotten() throws Exception {
    try (TiSession session = session(TiConfiguration.createDefault(cluster.pdAddress()));
        KVClient reader = session.createKVClient()) {
      Map<String, String> pairs = pairs("forgot", "value");
      prewriteAndCommitPrimaryOnly(session, pairs);
      long now = session.getTimestamp().getVersion();
      assertThat(reader.get(bytes("forgot-013"), now)).isEqualTo(bytes("value-13"));
      assertThat(values(reader.scan(bytes("forgot-"), bytes("forgot."), now)))
          .containsExactlyElementsOf(pairs.values());
    }
  }

  @Test
  void ingestsRawPairsIntoAllReplicasPastTheLog() throws Exception {
    TiConfiguration configuration = TiConfiguration.createRawDefault(cluster.pdAddress());
    try (TiSession session = session(configuration);
        RawKVClient raw = session.createRawClient()) {
      List<Pair<ByteString, ByteString>> pairs = sorted("ingest-raw");

      raw.ingest(pairs);

      for (Pair<ByteString, ByteString> pair : pairs) {
        assertThat(raw.get(pair.first)).contains(pair.second);
      }
      assertThat(raw.scan(bytes("ingest-raw-"), bytes("ingest-raw."), 10_000))
          .hasSize(pairs.size());
    }
  }

  @Test
  void ingestsCommittedVersionsIntoAllReplicasPastTheLog() throws Exception {
    TiConfiguration configuration = TiConfiguration.createDefault(cluster.pdAddress());
    try (TiSession session = session(configuration);
        KVClient transactional = session.createKVClient()) {
      List<Pair<ByteString, ByteString>> pairs = sorted("ingest-txn");
      long before = session.getTimestamp().getVersion();

      transactional.ingest(pairs);

      long after = session.getTimestamp().getVersion();
      assertThat(values(transactional.scan(bytes("ingest-txn-"), bytes("ingest-txn."), after)))
          .containsExactlyElementsOf(
              pairs.stream().map(pair -> pair.second.toStringUtf8()).toList());
      assertThat(transactional.scan(bytes("ingest-txn-"), bytes("ingest-txn."), before)).isEmpty();
    }
  }

  private static List<Pair<ByteString, ByteString>> sorted(String prefix) {
    List<Pair<ByteString, ByteString>> pairs = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      pairs.add(
          Pair.create(
              bytes("%s-%05d".formatted(prefix, i)),
              // Now and then longer than what is stored inline.
              bytes("value-" + i + (i % 50 == 0 ? "x".repeat(400) : ""))));
    }
    return pairs;
  }

  private static void commit(TiSession session, Map<String, String> pairs) throws Exception {
    long startTs = session.getTimestamp().getVersion();
    try (TwoPhaseCommitter committer = new TwoPhaseCommitter(session, startTs, LOCK_TTL_MILLIS)) {
      long commitTs = prewrite(session, committer, pairs);
      byte[] primary = primaryOf(pairs);
      committer.commitPrimaryKey(backoff(), primary, commitTs);
      committer.commitSecondaryKeys(
          secondaries(pairs).map(pair -> new ByteWrapper(pair.getKey())).iterator(),
          commitTs,
          BACKOFF_MILLIS);
    }
  }

  private static void prewriteAndCommitPrimaryOnly(TiSession session, Map<String, String> pairs)
      throws Exception {
    long startTs = session.getTimestamp().getVersion();
    try (TwoPhaseCommitter committer = new TwoPhaseCommitter(session, startTs, LOCK_TTL_MILLIS)) {
      long commitTs = prewrite(session, committer, pairs);
      committer.commitPrimaryKey(backoff(), primaryOf(pairs), commitTs);
    }
  }

  private static long prewrite(
      TiSession session, TwoPhaseCommitter committer, Map<String, String> pairs) {
    byte[] primary = primaryOf(pairs);
    committer.prewritePrimaryKey(
        backoff(),
        primary,
        pairs.values().iterator().next().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Iterator<BytePairWrapper> rest = secondaries(pairs).iterator();
    committer.prewriteSecondaryKeys(primary, rest, BACKOFF_MILLIS);
    return session.getTimestamp().getVersion();
  }

  private static byte[] primaryOf(Map<String, String> pairs) {
    return bytes(pairs.keySet().iterator().next()).toByteArray();
  }

  private static java.util.stream.Stream<BytePairWrapper> secondaries(Map<String, String> pairs) {
    return pairs.entrySet().stream()
        .skip(1)
        .map(
            pair ->
                new BytePairWrapper(
                    bytes(pair.getKey()).toByteArray(), bytes(pair.getValue()).toByteArray()));
  }

  private static Map<String, String> pairs(String prefix, String value) {
    Map<String, String> pairs = new LinkedHashMap<>();
    IntStream.range(0, 50).forEach(i -> pairs.put("%s-%03d".formatted(prefix, i), value + "-" + i));
    return pairs;
  }

  private static TiSession session(TiConfiguration configuration) {
    configuration.setTimeout(2_000);
    return TiSession.create(configuration);
  }

  private static BackOffer backoff() {
    return ConcreteBackOffer.newCustomBackOff(BACKOFF_MILLIS);
  }

  private static List<String> keys(List<Kvrpcpb.KvPair> pairs) {
    return pairs.stream().map(pair -> pair.getKey().toStringUtf8()).toList();
  }

  private static List<String> values(List<Kvrpcpb.KvPair> pairs) {
    return pairs.stream().map(pair -> pair.getValue().toStringUtf8()).toList();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
