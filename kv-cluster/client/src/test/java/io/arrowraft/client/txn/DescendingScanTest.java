package io.arrowraft.client.txn;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.errorpb.NotLeader;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DescendingScanTest extends TransactionFixture {
  private static final ScanRange ALL = ScanRange.of(Bytes.EMPTY, Bytes.EMPTY).downwards();

  private List<String> all(TransactionalReader reader, ScanRange range, int limit) {
    List<String> found = new ArrayList<>();
    ScanRange left = range;
    while (true) {
      ScanPage page = world.await(reader.scan(left, limit));
      assertThat(page.pairs()).hasSizeLessThanOrEqualTo(limit);
      page.pairs().forEach(pair -> found.add(text(pair.key()) + "=" + text(pair.value())));
      if (page.continuation().isEmpty()) {
        return found;
      }
      left = left.continuedAt(page.continuation().get());
    }
  }

  private Snapshot snapshot() {
    return world.await(client.snapshot());
  }

  @Test
  void goesThroughRegionsFromTheLastKeyDown() {
    cluster.split(KeySpace.TRANSACTIONAL, "b", "c", "d5");
    for (String key : List.of("a", "b", "b1", "c", "d")) {
      put(key, "v");
    }

    assertThat(all(snapshot(), ALL, 99)).containsExactly("d=v", "c=v", "b1=v", "b=v", "a=v");
    assertThat(all(snapshot(), ALL, 2)).containsExactly("d=v", "c=v", "b1=v", "b=v", "a=v");
    assertThat(all(snapshot(), ScanRange.of(key("b"), key("c")).downwards(), 1))
        .containsExactly("b1=v", "b=v");
    assertThat(all(snapshot(), ScanRange.of(key("b"), key("b")).downwards(), 1)).isEmpty();
    assertThat(all(snapshot(), ScanRange.of(key("d0"), Bytes.EMPTY).downwards(), 1)).isEmpty();
  }

  /** Splits of both kinds of data at one key leave a region between that can hold none. */
  @Test
  void aRegionThatNoKeyFallsIntoIsPassed() {
    cluster.split(KeySpace.RAW, "bbbbbbbb");
    cluster.split(KeySpace.TRANSACTIONAL, "bbbbbbbb");
    put("a", "v");
    put("c", "v");

    assertThat(all(snapshot(), ALL, 99)).containsExactly("c=v", "a=v");
    long before = cluster.calls("KvScan");
    assertThat(all(snapshot(), ScanRange.of(Bytes.EMPTY, Bytes.EMPTY), 99))
        .containsExactly("a=v", "c=v");
    assertThat(cluster.calls("KvScan") - before).as("regions that are asked").isEqualTo(2);
  }

  @Test
  void ownWritesLieOverWhatIsStored() {
    cluster.split(KeySpace.TRANSACTIONAL, "c");
    put("a", "1");
    put("c", "3");
    put("e", "5");
    Transaction transaction = begin();
    transaction.put(key("b"), key("own"));
    transaction.delete(key("c"));
    transaction.put(key("e"), key("own"));
    transaction.put(key("f"), key("own"));

    for (int limit = 1; limit < 6; limit++) {
      assertThat(all(transaction, ALL, limit)).containsExactly("f=own", "e=own", "b=own", "a=1");
    }
    assertThat(all(transaction, ScanRange.of(key("b"), key("f")).downwards(), 1))
        .containsExactly("e=own", "b=own");
  }

  @Test
  void keysComeWithoutValuesIfThoseAreNotWanted() {
    put("a", "1");
    Transaction transaction = begin();
    transaction.put(key("b"), key("own"));

    assertThat(all(transaction, ALL.withoutValues(), 1)).containsExactly("b=", "a=");
    ScanPage up =
        world.await(transaction.scan(ScanRange.of(Bytes.EMPTY, Bytes.EMPTY).withoutValues(), 9));
    assertThat(up.pairs()).extracting(KeyValue::value).containsExactly(Bytes.EMPTY, Bytes.EMPTY);
  }

  @Test
  void regionsThatSplitAndLocksOfOthersAreNoObstacle() {
    for (char key = 'a'; key < 'h'; key++) {
      put("" + key, "v");
    }
    all(snapshot(), ALL, 99);
    cluster.regionError(
        "KvScan",
        Error.newBuilder().setNotLeader(NotLeader.getDefaultInstance()).build(),
        () -> cluster.split(KeySpace.TRANSACTIONAL, "b", "d", "d\0", "g"));
    cluster.lockOfALivingTransaction("c", world.await(client.timestamp()));

    assertThat(all(snapshot(), ALL, 3))
        .containsExactly("g=v", "f=v", "e=v", "d=v", "c=v", "b=v", "a=v");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void findsWhatAnAscendingScanFindsTheOtherWayRound(long seed) {
    Random random = new Random(seed);
    TreeMap<String, String> expected = new TreeMap<>();
    for (int i = 0; i < 40; i++) {
      String key = randomKey(random);
      put(key, "v" + i);
      expected.put(key, "v" + i);
    }
    for (int i = 0; i < 6; i++) {
      cluster.splitAt(splitKey(random));
    }
    Transaction transaction = begin();
    for (int i = 0; i < 25; i++) {
      String key = randomKey(random);
      if (random.nextBoolean()) {
        transaction.put(key(key), key("own"));
        expected.put(key, "own");
      } else {
        transaction.delete(key(key));
        expected.remove(key);
      }
    }
    for (int i = 0; i < 20; i++) {
      String one = randomKey(random);
      String other = randomKey(random);
      String low = one.compareTo(other) < 0 ? one : other;
      String high = low.equals(one) ? other : one;
      List<String> inside = new ArrayList<>();
      for (Map.Entry<String, String> each : expected.subMap(low, high).entrySet()) {
        inside.add(each.getKey() + "=" + each.getValue());
      }
      ScanRange range = ScanRange.of(key(low), key(high));
      int limit = 1 + random.nextInt(7);

      assertThat(all(transaction, range, limit)).isEqualTo(inside);
      Collections.reverse(inside);
      assertThat(all(transaction, range.downwards(), limit)).isEqualTo(inside);
    }
  }

  private static String randomKey(Random random) {
    StringBuilder key = new StringBuilder("k");
    for (int left = random.nextInt(3) * 5; left >= 0; left--) {
      key.append((char) ('a' + random.nextInt(3)));
    }
    return key.toString();
  }

  /** Now and then a bound that is no whole encoding of a key. */
  private static Bytes splitKey(Random random) {
    Bytes whole = KeySpace.TRANSACTIONAL.regionKey(key(randomKey(random)));
    return random.nextBoolean()
        ? whole
        : Bytes.wrap(
            java.util.Arrays.copyOf(whole.unsafeArray(), 1 + random.nextInt(whole.length() - 1)));
  }
}
