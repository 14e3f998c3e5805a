package io.arrowraft.client.txn;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;

/** A client of a naive cluster, and the steps that most tests of transactions take. */
abstract class TransactionFixture {
  final VirtualWorld world = new VirtualWorld();
  final FakeCluster cluster = new FakeCluster(world);
  final ArrowraftClient client = cluster.client();

  Transaction begin() {
    return world.await(client.begin());
  }

  Timestamp put(String key, String value) {
    Transaction transaction = begin();
    transaction.put(key(key), key(value));
    return world.await(transaction.commit());
  }

  String read(String key) {
    Snapshot snapshot = world.await(client.snapshot());
    return world.await(snapshot.get(key(key))).map(TransactionFixture::text).orElse(null);
  }

  static String text(Bytes bytes) {
    return new String(bytes.unsafeArray(), java.nio.charset.StandardCharsets.UTF_8);
  }

  static Bytes key(String text) {
    return Bytes.ofUtf8(text);
  }
}
