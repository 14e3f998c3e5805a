package io.arrowraft.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.tikv.common.TiConfiguration;
import org.tikv.common.TiSession;
import org.tikv.common.util.Pair;
import org.tikv.kvproto.Kvrpcpb;
import org.tikv.raw.RawKVClient;
import org.tikv.shade.com.google.protobuf.ByteString;
import org.tikv.txn.KVClient;

/** The official TiKV client works against our cluster, unaware that it is not TiKV. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OfficialClientTest {
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
      OfficialTransaction.commit(session, first);
      long between = session.getTimestamp().getVersion();
      OfficialTransaction.commit(session, pairs("txn", "second"));
      long after = session.getTimestamp().getVersion();

      assertThat(reader.get(bytes("txn-007"), between)).isEqualTo(bytes("first-7"));
      assertThat(reader.get(bytes("txn-007"), after)).isEqualTo(bytes("second-7"));
      assertThat(values(reader.scan(bytes("txn-"), bytes("txn."), between)))
          .containsExactlyElementsOf(first.values());
      assertThat(
              reader.batchGet(
                  OfficialTransaction.backoff(),
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
      try (OfficialTransaction forgetful = OfficialTransaction.begin(session, pairs)) {
        forgetful.prewrite().commitPrimary();
      }
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

  @Test
  void rollsBackATransactionThatWasAbandonedBeforeItsCommit() throws Exception {
    try (TiSession session = session(TiConfiguration.createDefault(cluster.pdAddress()));
        KVClient reader = session.createKVClient()) {
      OfficialTransaction.commit(session, pairs("abandoned", "before"));
      try (OfficialTransaction abandoned =
          OfficialTransaction.begin(session, pairs("abandoned", "never"))) {
        abandoned.prewrite();
        Bounded.awaitNo(
            "the end of the locks' time",
            Duration.ofSeconds(20),
            () ->
                Optional.of("the locks still hold")
                    .filter(still -> !abandoned.hasExpiredAt(session.getTimestamp())));
        // Whoever meets a lock whose time is over rolls its transaction back.
        long now = session.getTimestamp().getVersion();
        assertThat(values(reader.scan(bytes("abandoned-"), bytes("abandoned."), now)))
            .containsExactlyElementsOf(pairs("abandoned", "before").values());
        assertThatThrownBy(abandoned::commitPrimary).isInstanceOf(Exception.class);
      }
      OfficialTransaction.commit(session, pairs("abandoned", "after"));
      assertThat(
              values(
                  reader.scan(
                      bytes("abandoned-"),
                      bytes("abandoned."),
                      session.getTimestamp().getVersion())))
          .containsExactlyElementsOf(pairs("abandoned", "after").values());
    }
  }

  @Test
  void forgetsARawPairWhenItsTimeIsOver() throws Exception {
    try (TiSession session = session(TiConfiguration.createRawDefault(cluster.pdAddress()));
        RawKVClient raw = session.createRawClient()) {
      raw.put(bytes("ttl-short"), bytes("gone soon"), 2);
      raw.put(bytes("ttl-long"), bytes("stays"), 3_600);
      assertThat(raw.get(bytes("ttl-short"))).contains(bytes("gone soon"));
      assertThat(raw.getKeyTTL(bytes("ttl-long")).orElseThrow()).isBetween(3_500L, 3_600L);
      Bounded.awaitNo(
          "the end of a pair of two seconds",
          Duration.ofSeconds(20),
          () -> raw.get(bytes("ttl-short")).map(ByteString::toStringUtf8));
      assertThat(raw.getKeyTTL(bytes("ttl-short"))).isEmpty();
      assertThat(keys(raw.scan(bytes("ttl-"), bytes("ttl."), 10))).containsExactly("ttl-long");
      raw.put(bytes("ttl-short"), bytes("again"));
      assertThat(raw.get(bytes("ttl-short"))).contains(bytes("again"));
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

  private static Map<String, String> pairs(String prefix, String value) {
    Map<String, String> pairs = new LinkedHashMap<>();
    IntStream.range(0, 50).forEach(i -> pairs.put("%s-%03d".formatted(prefix, i), value + "-" + i));
    return pairs;
  }

  static TiSession session(TiConfiguration configuration) {
    configuration.setTimeout(2_000);
    return TiSession.create(configuration);
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
