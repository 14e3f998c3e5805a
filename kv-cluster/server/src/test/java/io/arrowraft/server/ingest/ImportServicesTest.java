package io.arrowraft.server.ingest;

import static io.arrowraft.server.ingest.ImportFixture.meta;
import static io.arrowraft.server.ingest.ImportFixture.raw;
import static io.arrowraft.server.ingest.ImportFixture.versions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.importsst.GetModeRequest;
import io.arrowraft.proto.importsst.ImportSSTGrpc;
import io.arrowraft.proto.importsst.SSTMeta;
import io.arrowraft.proto.importsst.SwitchMode;
import io.arrowraft.proto.importsst.SwitchModeRequest;
import io.arrowraft.proto.importsst.WriteRequest;
import io.arrowraft.proto.importsst.WriteResponse;
import io.arrowraft.proto.kvrpcpb.APIVersion;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.threads.SystemRandom;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.arrowraft.server.fakes.InMemoryRegions;
import io.arrowraft.server.fakes.RecordingStream;
import io.arrowraft.server.fakes.TikvFixture;
import io.arrowraft.server.flow.FlowController;
import io.arrowraft.server.flow.FlowLimits;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EnginePressure;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.Write;
import io.arrowraft.storage.mvcc.WriteType;
import io.arrowraft.storage.txn.RawValue;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImportServicesTest {
  private static final long TS = 1_000L << 18;

  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private final ThreadLoopFactory threads =
      new ThreadLoopFactory("test", (component, cause) -> fault.set(cause));
  private final InMemoryRegions regions = new InMemoryRegions();
  private final Environment environment =
      new Environment(
          SystemTime.INSTANCE,
          new SystemRandom(),
          threads,
          (component, cause) -> fault.set(cause),
          new SimpleMeterRegistry());
  private final FlowController flow =
      new FlowController(FlowLimits.defaults(), SystemTime.INSTANCE, new SimpleMeterRegistry());
  private ImportFixture imports = serving(IngestConfig.defaults());

  private ImportFixture serving(IngestConfig config) {
    return new ImportFixture(
        new ImportServices(
            environment,
            regions.engine(),
            regions,
            config,
            flow,
            (store, files) -> CompletableFuture.completedFuture(List.of()),
            threads.newLoop("timers")));
  }

  @AfterEach
  void stop() {
    threads.close();
    assertThat(fault.get()).isNull();
  }

  @Test
  void versionsAreStoredAsCommitRecordsWithShortValuesInline() {
    String longValue = "x".repeat(256);
    RecordingStream<WriteResponse> answers =
        imports.write(meta("a", region()), versions(TS, "k1", "v1"), versions(TS, "k2", longValue));

    List<SSTMeta> metas = answers.await(1).get(0).getMetasList();
    assertThat(metas).extracting(SSTMeta::getCfName).containsExactly("default", "write");
    assertThat(metas).extracting(SSTMeta::getTotalKvs).containsExactly(1L, 2L);
    assertThat(metas.get(1).getRange().getStart().toByteArray())
        .isEqualTo(MvccKeys.encode(Bytes.ofUtf8("k1")));
    assertThat(metas.get(1).getCrc32()).isNotZero();

    assertThat(ingest(metas)).isEmpty();

    Write write = Write.decode(regions.engine().get(ColumnFamily.WRITE, version("k1")));
    assertThat(write.type()).isEqualTo(WriteType.PUT);
    assertThat(write.startTs()).isEqualTo(TS);
    assertThat(write.shortValue()).isEqualTo(Bytes.ofUtf8("v1"));
    assertThat(Write.decode(regions.engine().get(ColumnFamily.WRITE, version("k2"))).shortValue())
        .isNull();
    assertThat(regions.engine().get(ColumnFamily.DEFAULT, version("k2"))).hasSize(256);
  }

  @Test
  void rawPairsThatExpireDoSoByTheTimestampOfTheirBatch() {
    List<SSTMeta> metas =
        imports.rawWrite(meta("a", region()), raw(60, TS, "k", "v")).await(1).get(0).getMetasList();
    assertThat(ingest(metas)).isEmpty();

    RawValue stored =
        RawValue.decode(
            regions.engine().get(ColumnFamily.RAW, "k".getBytes(StandardCharsets.UTF_8)));
    assertThat(stored.expiresAtSeconds()).isEqualTo(1 + 60);
    assertThat(imports.rawWrite(meta("b", region()), raw(60, 0, "k", "v")).await(1)).isEmpty();
  }

  @Test
  void streamsThatCannotBeUnderstoodAreRefusedAndLeaveNothing() {
    SSTMeta good = meta("a", region());
    assertThat(refusal(good, versions(TS, "b", "1", "a", "2"))).contains("must ascend");
    assertThat(refusal(good, versions(TS, "a", "1"), versions(TS, "a", "2"))).contains("ascend");
    assertThat(refusal(good, versions(0, "a", "1"))).contains("commit_ts");
    assertThat(refusal(good, versions(TS, "", "1"))).contains("key");
    assertThat(refusal(good.toBuilder().clearUuid().build())).contains("uuid");
    assertThat(refusal(good.toBuilder().clearRegionId().build())).contains("region");
    assertThat(refusal(good.toBuilder().setApiVersion(APIVersion.V2).build())).contains("V2");
    RecordingStream<WriteResponse> answers = new RecordingStream<>(1);
    RpcReceiver<WriteRequest> requests = imports.open(ImportSSTGrpc.getWriteMethod(), answers);
    requests.onMessage(versions(TS, "a", "1"));
    assertThat(answers.await(1)).isEmpty();
    assertThat(answers.failure().getMessage()).contains("begins with its meta");
    assertThat(regions.engine().sortedFiles().names()).isEmpty();
    assertThat(regions.engine().sortedFiles().byteSize()).isZero();
  }

  private String refusal(SSTMeta meta, WriteRequest... batches) {
    RecordingStream<WriteResponse> answers = imports.write(meta, batches);
    assertThat(answers.await(1)).isEmpty();
    assertThat(answers.failure().status()).isEqualTo(RpcStatus.INVALID_ARGUMENT);
    return answers.failure().getMessage();
  }

  @Test
  void nothingTakesThePlaceOfAFileThatIsStaged() {
    SSTMeta meta = meta("a", region());
    List<SSTMeta> metas =
        imports.write(meta, versions(TS, "k", "v1")).await(1).get(0).getMetasList();

    RecordingStream<WriteResponse> again = imports.write(meta, versions(TS, "k", "v2"));
    assertThat(again.await(1)).isEmpty();
    assertThat(again.failure().status()).isEqualTo(RpcStatus.ALREADY_EXISTS);

    assertThat(ingest(metas)).isEmpty();
    assertThat(Write.decode(regions.engine().get(ColumnFamily.WRITE, version("k"))).shortValue())
        .isEqualTo(Bytes.ofUtf8("v1"));
  }

  @Test
  void whatIsStagedHasABoundAndSoHasOneStream() {
    imports = serving(IngestConfig.defaults().withBytes(200, 150));
    assertThat(imports.write(meta("a", region()), versions(TS, "k", "x".repeat(100))).await(1))
        .hasSize(1);
    RecordingStream<WriteResponse> large =
        imports.write(meta("b", region()), versions(TS, "k", "x".repeat(200)));
    assertThat(large.await(1)).isEmpty();
    assertThat(large.failure().getMessage()).contains("streamBytesMax");
    assertThat(imports.write(meta("c", region()), versions(TS, "k", "x".repeat(100))).await(1))
        .hasSize(1);
    RecordingStream<WriteResponse> further =
        imports.write(meta("d", region()), versions(TS, "k", "x"));
    assertThat(further.await(1)).isEmpty();
    assertThat(further.failure().status()).isEqualTo(RpcStatus.RESOURCE_EXHAUSTED);
    assertThat(further.failure().getMessage()).contains("stagedBytesMax");
  }

  @Test
  void nothingIsStagedOrIngestedOnADiskThatIsNearlyFull() {
    List<SSTMeta> metas =
        imports.write(meta("a", region()), versions(TS, "k", "v")).await(1).get(0).getMetasList();
    flow.observeSpace("the disk is nearly full");

    RecordingStream<WriteResponse> refused =
        imports.write(meta("b", region()), versions(TS, "k", "v"));
    assertThat(refused.await(1)).isEmpty();
    assertThat(refused.failure().getMessage()).contains("nearly full");
    assertThat(ingest(metas)).contains("nearly full");
  }

  @Test
  void metersTellWhatWasStagedTakenInAndRefused() {
    List<SSTMeta> metas =
        imports.write(meta("a", region()), versions(TS, "k", "v")).await(1).get(0).getMetasList();
    assertThat(ingest(metas)).isEmpty();
    assertThat(ingest(List.of(meta("b", region()).toBuilder().setCfName("write").build())))
        .contains("is not staged");

    assertThat(counted("staged_files")).isEqualTo(1);
    assertThat(counted("staged_bytes")).isEqualTo(metas.get(0).getTotalBytes()).isPositive();
    assertThat(counted("ingested_files")).isEqualTo(1);
    assertThat(counted("refused")).isEqualTo(1);
    assertThat(environment.meters().get("arrowraft_import_ingest_seconds").timer().count())
        .isEqualTo(1);
  }

  private long counted(String what) {
    return (long) environment.meters().get("arrowraft_import_" + what + "_total").counter().count();
  }

  @Test
  void filesThatWereNeverStagedAreNamed() {
    assertThat(ingest(List.of(meta("a", region()).toBuilder().setCfName("write").build())))
        .contains("is not staged on this store");
    assertThatThrownBy(() -> ingest(List.of())).hasMessageContaining("nothing to ingest");
  }

  @Test
  void importModeLetsTheEngineFallBehind() {
    EnginePressure behind = new EnginePressure(1_000, 0, 0, false);
    flow.observe(behind, 0);
    assertThat(flow.severity()).isPositive();

    mode(SwitchMode.Import);
    assertThat(modeNow()).isEqualTo(SwitchMode.Import);
    flow.observe(behind, 0);
    assertThat(flow.severity()).isZero();

    mode(SwitchMode.Normal);
    flow.observe(behind, 0);
    assertThat(flow.severity()).isPositive();
  }

  @Test
  void importModeEndsByItself() {
    long[] now = {0};
    boolean[] importing = {false};
    ImportMode mode =
        new ImportMode(
            new io.arrowraft.runtime.TimeSource() {
              @Override
              public long nanos() {
                return now[0];
              }

              @Override
              public long wallMillis() {
                return 0;
              }
            },
            java.time.Duration.ofMinutes(10),
            on -> importing[0] = on);
    mode.set(true);
    now[0] = TimeUnit.MINUTES.toNanos(9);
    mode.set(true);
    now[0] = TimeUnit.MINUTES.toNanos(18);
    mode.sweep();
    assertThat(importing[0]).isTrue();
    now[0] = TimeUnit.MINUTES.toNanos(19);
    mode.sweep();
    assertThat(importing[0]).isFalse();
    assertThat(mode.isImporting()).isFalse();
  }

  private void mode(SwitchMode mode) {
    imports
        .call(
            ImportSSTGrpc.getSwitchModeMethod(),
            SwitchModeRequest.newBuilder().setMode(mode).build())
        .join();
  }

  private SwitchMode modeNow() {
    return imports
        .call(ImportSSTGrpc.getGetModeMethod(), GetModeRequest.getDefaultInstance())
        .join()
        .getMode();
  }

  private Region region() {
    return regions.region(1).orElseThrow().region();
  }

  /** The error's message; empty if there is none. */
  private String ingest(List<SSTMeta> metas) {
    return imports
        .ingest(TikvFixture.context(), metas)
        .orTimeout(20, TimeUnit.SECONDS)
        .join()
        .getError()
        .getMessage();
  }

  private static byte[] version(String key) {
    return MvccKeys.withTimestamp(MvccKeys.encode(Bytes.ofUtf8(key)), TS);
  }
}
