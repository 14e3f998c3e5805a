package io.arrowraft.server.service;

import static io.arrowraft.server.fakes.TikvFixture.context;
import static io.arrowraft.server.service.CoprocessorFixture.ROWS;
import static io.arrowraft.server.service.CoprocessorFixture.plan;
import static io.arrowraft.server.service.CoprocessorFixture.request;
import static io.arrowraft.server.service.CoprocessorFixture.rowKey;
import static io.arrowraft.server.service.CoprocessorFixture.scan;
import static io.arrowraft.server.service.CoprocessorFixture.sum;
import static io.arrowraft.server.service.CoprocessorFixture.values;
import static io.arrowraft.server.service.CoprocessorFixture.wholeTable;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.server.coprocessor.CoprocessorCounters;
import io.arrowraft.server.fakes.RecordingStream;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Plans that meet locks, and what a read promises to writers. */
class CoprocessorLocksTest {
  private final CoprocessorFixture table = new CoprocessorFixture();

  @AfterEach
  void close() {
    table.close();
  }

  @Test
  void aLockStopsThePlanAndTheRestIsReadAfterItIsResolved() {
    table.load();
    table.lockRow(3_000, 25);
    List<Response> first = table.run(plan(scan(false)), 30).await(Integer.MAX_VALUE);
    Response blocked = first.get(first.size() - 1);
    assertThat(blocked.getLocked().getLockVersion()).isEqualTo(25);
    assertThat(blocked.getLocked().getKey()).isEqualTo(rowKey(3_000));
    Response stopped = first.get(first.size() - 2);
    assertThat(stopped.getRange().getEnd()).isEqualTo(rowKey(3_000));
    assertThat(values(first)).hasSize(3_000);

    table.resolve(25);
    Request rest =
        request(plan(scan(false)), 30).toBuilder()
            .setRanges(0, wholeTable().toBuilder().setStart(stopped.getRange().getEnd()))
            .build();
    List<Response> second = table.stream(rest, new RecordingStream<>(1_000)).await(1_000);
    assertThat(values(second))
        .containsExactlyElementsOf(LongStream.range(3_000, ROWS).boxed().toList());
  }

  @Test
  void partsOfAnAggregateOnBothSidesOfALockAddUp() {
    table.load();
    table.lockRow(1_234, 25);
    PlanRequest sum = plan(sum());
    List<Response> first = table.run(sum, 30).await(Integer.MAX_VALUE);
    Response stopped = first.get(first.size() - 2);
    table.resolve(25);
    Request rest =
        request(sum, 30).toBuilder()
            .setRanges(0, wholeTable().toBuilder().setStart(stopped.getRange().getEnd()))
            .build();
    List<Response> second = table.stream(rest, new RecordingStream<>(1_000)).await(1_000);

    long total =
        Stream.concat(values(first).stream(), values(second).stream())
            .mapToLong(Long::longValue)
            .sum();
    assertThat(total).isEqualTo(LongStream.range(0, ROWS).filter(row -> row >= 100).sum());
    CoprocessorCounters.Values counted = table.store.services().coprocessorCounters().values();
    assertThat(counted.aggregationPlans()).isEqualTo(2);
    assertThat(counted.selectionPlans()).isEqualTo(2);
    assertThat(counted.rowsReturned()).isEqualTo(2);
  }

  @Test
  void aDescendingPlanThatMeetsALockSettlesNothing() {
    table.load();
    table.lockRow(3_000, 25);
    List<Response> responses = table.run(plan(scan(true)), 30).await(Integer.MAX_VALUE);
    assertThat(responses).noneMatch(Response::hasRange);
    assertThat(responses.get(responses.size() - 1).getLocked().getKey()).isEqualTo(rowKey(3_000));
  }

  @Test
  void aUnaryAnswerStoppedByALockHoldsTheRowsBeforeIt() {
    table.load();
    table.lockRow(3_000, 25);
    Response answer =
        table.store.call(TikvGrpc.getCoprocessorMethod(), request(plan(scan(false)), 30));
    assertThat(values(List.of(answer))).hasSize(3_000);
    assertThat(answer.getRange().getEnd()).isEqualTo(rowKey(3_000));
    assertThat(answer.getLocked().getLockVersion()).isEqualTo(25);
  }

  @Test
  void aResolvedLockInTheContextIsPassed() {
    table.load();
    table.lockRow(7, 25);
    Request request =
        request(plan(scan(false)), 30).toBuilder()
            .setContext(context(1).addResolvedLocks(25))
            .build();
    assertThat(values(table.stream(request, new RecordingStream<>(1_000)).await(1_000)))
        .hasSize(ROWS);
  }

  @Test
  void aReadRaisesTheGreatestReadTimestamp() {
    table.run(plan(scan(false)), 77).await(Integer.MAX_VALUE);
    assertThat(table.store.services().memoryLocks().maxTimestamp()).isEqualTo(77);
  }
}
