package io.arrowraft.server.service;

import static io.arrowraft.coprocessor.plan.Expression.column;
import static io.arrowraft.server.fakes.TikvFixture.context;
import static io.arrowraft.server.service.CoprocessorFixture.ROWS;
import static io.arrowraft.server.service.CoprocessorFixture.encoded;
import static io.arrowraft.server.service.CoprocessorFixture.load;
import static io.arrowraft.server.service.CoprocessorFixture.plan;
import static io.arrowraft.server.service.CoprocessorFixture.request;
import static io.arrowraft.server.service.CoprocessorFixture.rowKey;
import static io.arrowraft.server.service.CoprocessorFixture.scan;
import static io.arrowraft.server.service.CoprocessorFixture.sum;
import static io.arrowraft.server.service.CoprocessorFixture.values;
import static io.arrowraft.server.service.CoprocessorFixture.wholeTable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.arrowraft.coprocessor.plan.AggregateCall;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.proto.coprocessor.BatchRequest;
import io.arrowraft.proto.coprocessor.BatchResponse;
import io.arrowraft.proto.coprocessor.RegionInfo;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.server.fakes.RecordingStream;
import io.arrowraft.server.fakes.TestCall;
import io.arrowraft.server.fakes.TikvFixture;
import io.arrowraft.table.DataType;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a plan may ask for, and what is refused. */
class CoprocessorRequestsTest {
  private final CoprocessorFixture table = new CoprocessorFixture();

  @AfterEach
  void close() {
    table.close();
  }

  @Test
  void aLimitEndsTheScanEarly() {
    table.load();
    List<Response> responses =
        table.run(plan(new PlanNode.Limit(scan(false), 3)), 30).await(Integer.MAX_VALUE);
    assertThat(values(responses)).containsExactly(0L, 1L, 2L);
    assertThat(responses.get(responses.size() - 1).getRange()).isEqualTo(wholeTable());
    assertThat(table.store.services().coprocessorCounters().values().rowsScanned())
        .isLessThan(ROWS);
  }

  @Test
  void pagingStopsAfterTheRowsAskedForAndSaysWhere() {
    table.load();
    Request request = request(plan(scan(false)), 30).toBuilder().setPagingSize(10).build();
    List<Response> responses = table.stream(request, new RecordingStream<>(1_000)).await(1_000);
    assertThat(values(responses)).hasSize(10);
    assertThat(responses.get(responses.size() - 1).getRange().getEnd()).isEqualTo(rowKey(10));
  }

  @Test
  void aUnaryCallAnswersInOneResponse() {
    table.load();
    Response answer = table.store.call(TikvGrpc.getCoprocessorMethod(), request(plan(sum()), 30));
    assertThat(values(List.of(answer))).containsExactly(LongStream.range(100, ROWS).sum());
    assertThat(answer.getRange()).isEqualTo(wholeTable());
    Response rows =
        table.store.call(TikvGrpc.getCoprocessorMethod(), request(plan(scan(false)), 30));
    assertThat(values(List.of(rows))).hasSize(ROWS);
  }

  @Test
  void whatIsNotServedIsNamed() {
    assertThat(table.refusal(request(plan(scan(false)), 30).toBuilder().setTp(103)))
        .contains("type 103 carries TiDB's own plans");
    assertThat(table.refusal(request(plan(scan(false)), 30).toBuilder().setTp(9)))
        .contains("type 9 is not served");
    assertThat(
            table.refusal(
                request(plan(scan(false)), 30).toBuilder()
                    .setData(ByteString.copyFromUtf8("no plan"))))
        .containsAnyOf("MALFORMED", "UNSUPPORTED_VERSION");
    assertThat(table.refusal(request(plan(scan(false)), 30).toBuilder().clearRanges()))
        .contains("ranges");
    assertThat(table.refusal(request(plan(scan(false)), 0).toBuilder())).contains("start_ts");
  }

  @Test
  void aPlanThatNeedsTooMuchMemoryNamesTheLimit() {
    table.load();
    PlanNode groups =
        new PlanNode.PartialAggregation(
            scan(false), List.of(column(0, DataType.BIGINT)), List.of(AggregateCall.countAll()));
    PlanRequest plan = plan(groups).withMemoryLimitBytes(10_000);
    assertThat(table.refusal(request(plan, 30).toBuilder()))
        .contains("MEMORY_LIMIT_EXCEEDED")
        .contains("memoryLimitBytes = 10000");
  }

  /** It was answered with an empty lock, which readers tried to resolve until they gave up. */
  @Test
  void aPlanThatReadsBehindTheSafePointIsToldSo() {
    table.load();
    table.store.regions().raiseSafePoint(40);
    assertThat(table.refusal(request(plan(sum()), 30).toBuilder()))
        .contains("has fallen behind the GC safe point 40");
    Response answer = table.store.call(TikvGrpc.getCoprocessorMethod(), request(plan(sum()), 30));
    assertThat(answer.hasLocked()).isFalse();
    assertThat(answer.getOtherError()).contains("GC safe point 40");
  }

  @Test
  void rangesOutsideOfTheRegionAreARegionError() {
    table.store.regions().addRegion(2, encoded(rowKey(0)), encoded(rowKey(10)));
    Request request = request(plan(scan(false)), 30).toBuilder().setContext(context(2)).build();
    assertThat(table.stream(request, new RecordingStream<>(10)).await(10).get(0).getRegionError())
        .matches(error -> error.hasKeyNotInRegion());
    assertThat(
            table
                .store
                .call(
                    TikvGrpc.getCoprocessorMethod(),
                    request.toBuilder().setContext(context(9)).build())
                .getRegionError()
                .hasRegionNotFound())
        .isTrue();
  }

  @Test
  void aPlanOverSeveralRegionsIsAnsweredRegionByRegionAndMovedOnesAreNamed() {
    table.load();
    Request one = request(plan(scan(false)), 30);
    RegionInfo here =
        RegionInfo.newBuilder()
            .setRegionId(one.getContext().getRegionId())
            .setRegionEpoch(one.getContext().getRegionEpoch())
            .addAllRanges(one.getRangesList())
            .build();
    RecordingStream<BatchResponse> answers = new RecordingStream<>(10);
    table
        .store
        .streamHandler(TikvGrpc.getBatchCoprocessorMethod())
        .accept(answers, new TestCall())
        .onMessage(
            BatchRequest.newBuilder()
                .setContext(one.getContext())
                .setTp(one.getTp())
                .setData(one.getData())
                .setStartTs(one.getStartTs())
                .addRegions(here)
                .addRegions(here.toBuilder().setRegionId(99))
                .addRegions(here)
                .build());

    List<BatchResponse> sent = answers.await(4);

    assertThat(answers.isCompleted()).isTrue();
    assertThat(sent).hasSize(3);
    assertThat(sent.get(0).getData().isEmpty()).isFalse();
    assertThat(sent.get(2).getData()).isEqualTo(sent.get(0).getData());
    assertThat(sent.get(1).getRetryRegions(0).getId()).isEqualTo(99);
  }

  @Test
  void anAnswerThatIsTooLargeForOneResponseSaysSo() {
    try (TikvFixture small =
        new TikvFixture(
            new ServiceConfig(
                64,
                500,
                Duration.ofSeconds(10),
                1,
                10,
                1,
                table.defaults.scheduler(),
                table.defaults.lockWaits(),
                table.defaults.coprocessor()))) {
      load(small, 1_000);
      assertThatThrownBy(
              () -> small.call(TikvGrpc.getCoprocessorMethod(), request(plan(scan(false)), 30)))
          .hasMessageContaining("responseBytesMax=500");
    }
  }
}
