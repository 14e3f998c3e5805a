package io.arrowraft.server.service;

import static io.arrowraft.server.fakes.TikvFixture.context;
import static io.arrowraft.server.fakes.TikvFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.coprocessor.plan.PlanCodec;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.proto.coprocessor.KeyRange;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.proto.kvrpcpb.PrewriteResponse;
import io.arrowraft.proto.kvrpcpb.RawGetRequest;
import io.arrowraft.proto.kvrpcpb.RawGetResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.fakes.TikvFixture;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.table.ColumnSource;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableKeys;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DamagedReadTest {
  private static final long TABLE = 42;

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

  @Test
  void commandThatMeetsDamageInItsOwnReadsChangesNothing() {
    spoilWrite(MvccKeys.encode(Bytes.ofUtf8("k")));

    PrewriteResponse response = store.prewriteNow(10, "k", TikvFixture.put("k", "v"));

    assertThat(response.getRegionError().hasRegionNotFound()).isTrue();
    assertThat(response.getErrorsList()).isEmpty();
    assertThat(store.regions().damaged()).containsExactly(context().getRegionId());
    try (EngineIterator locks =
        store.regions().engine().iterator(ColumnFamily.LOCK, IterateOptions.all())) {
      assertThat(locks.seekToFirst()).isFalse();
    }
  }

  @Test
  void planThatMeetsDamageSendsTheCallerElsewhere() {
    spoilWrite(MvccKeys.encode(Bytes.wrap(TableKeys.rowKey(TABLE, 3))));
    io.arrowraft.table.KeyRange whole = TableKeys.tableRange(TABLE);

    Response response =
        store.call(
            TikvGrpc.getCoprocessorMethod(),
            Request.newBuilder()
                .setContext(context())
                .setTp(PlanRequest.REQUEST_TYPE)
                .setData(
                    ByteString.copyFrom(
                        PlanCodec.encode(
                            PlanRequest.of(
                                new PlanNode.TableScan(
                                    TABLE,
                                    List.of(
                                        new ScanColumn(
                                            2,
                                            DataType.BIGINT,
                                            ColumnSource.VALUE,
                                            Optional.empty())),
                                    false)))))
                .setStartTs(30)
                .addRanges(
                    KeyRange.newBuilder()
                        .setStart(ByteString.copyFrom(whole.start().toByteArray()))
                        .setEnd(ByteString.copyFrom(whole.end().toByteArray())))
                .build());

    assertThat(response.getRegionError().hasRegionNotFound()).isTrue();
    assertThat(store.regions().damaged()).containsExactly(context().getRegionId());
  }

  private void spoilWrite(byte[] encodedKey) {
    WriteBatch batch = new WriteBatch();
    batch.put(ColumnFamily.WRITE, MvccKeys.withTimestamp(encodedKey, 7), new byte[] {77});
    store.regions().engine().write(batch, true);
  }
}
