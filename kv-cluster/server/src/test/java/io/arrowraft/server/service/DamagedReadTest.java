package io.arrowraft.server.service;

import static io.arrowraft.server.fakes.TikvFixture.context;
import static io.arrowraft.server.fakes.TikvFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.kvrpcpb.RawGetRequest;
import io.arrowraft.proto.kvrpcpb.RawGetResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.server.fakes.TikvFixture;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DamagedReadTest {
  private final TikvFixture store = new TikvFixture();

  @AfterEach
  void close() {
    store.close();
  }

  /** Correctness rule 55: the replica is given up, not the node. */
  @Test
  void valueThatCannotBeReadMarksTheReplicaAndSendsTheCallerElsewhere() {
    WriteBatch batch = new WriteBatch();
    batch.put(ColumnFamily.RAW, utf8("k").toByteArray(), new byte[] {77});
    store.regions().engine().write(batch, true);

    RawGetResponse response =
        store.call(
            TikvGrpc.getRawGetMethod(),
            RawGetRequest.newBuilder().setContext(context()).setKey(utf8("k")).build());

    assertThat(response.getRegionError().hasRegionNotFound()).isTrue();
    assertThat(store.regions().damaged()).containsExactly(context().getRegionId());
  }
}
