package io.arrowraft.simulation.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.kvrpcpb.CommitResponse;
import io.arrowraft.proto.kvrpcpb.RawPutResponse;
import io.arrowraft.proto.pdpb.Timestamp;
import io.arrowraft.proto.pdpb.TsoResponse;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.arrowraft.simulation.check.Violation;
import io.arrowraft.simulation.workload.PairWorkload;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The checkers have to find what is planted, or their silence means nothing. */
class PlantedFaultsTest {
  private static final int EVERY = 7;

  @Test
  void findsAPlantedWriteSkew() {
    SimulationReport report =
        Simulation.of(
            1,
            SimulationOptions.calm()
                .withPauseMax(Duration.ofMillis(2))
                .withWorkloads(List.of("pair"))
                .withPairGuard(PairWorkload.Guard.NONE));
    assertFoundBy("pair", report);
  }

  @Test
  void findsACommitThatWasAcknowledgedAndNeverSent() {
    assertFoundBy(
        "set",
        runWith("set", rpc -> new Unsent(rpc, "KvCommit", CommitResponse.newBuilder().build())));
  }

  @Test
  void findsARawWriteThatWasAcknowledgedAndNeverSent() {
    assertFoundBy(
        "raw",
        runWith("raw", rpc -> new Unsent(rpc, "RawPut", RawPutResponse.newBuilder().build())));
  }

  @Test
  void findsReadsAtATimestampOfThePast() {
    assertFoundBy("set", runWith("set", LateTimestamps::new));
    assertFoundBy("swap", runWith("swap", LateTimestamps::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fork", "monotonic", "swap", "table-bank", "garbage", "schema"})
  void everyHistoryOfTransactionsFindsThatNothingWasCommitted(String workload) {
    assertFoundBy(
        workload,
        runWith(workload, rpc -> new Unsent(rpc, "KvCommit", CommitResponse.newBuilder().build())));
  }

  @Test
  void findsPlansThatReadAtAnotherTimeThanAsked() {
    assertFoundBy("coprocessor", runWith("coprocessor", LatePlans::new));
  }

  @Test
  void findsNothingWhereNothingIsPlanted() {
    SimulationReport report = Simulation.of(1, SimulationOptions.calm());
    assertThat(report.violations()).as(report.details()).isEmpty();
    assertThat(report.operations()).isGreaterThan(200);
  }

  private static SimulationReport runWith(String workload, UnaryOperator<RpcClient> planted) {
    SimulationOptions calm = SimulationOptions.calm().withWorkloads(List.of(workload));
    return Simulation.of(1, calm.withCluster(calm.cluster().withClientRpc(planted)));
  }

  private static void assertFoundBy(String checker, SimulationReport report) {
    assertThat(report.violations())
        .as(report.details())
        .extracting(Violation::checker)
        .contains(checker);
  }

  /** Answers every seventh call of one method by itself. */
  private static final class Unsent implements RpcClient {
    private final RpcClient network;
    private final String methodName;
    private final Object answer;
    private int calls;

    private Unsent(RpcClient network, String methodName, Object answer) {
      this.network = network;
      this.methodName = methodName;
      this.answer = answer;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <Q, R> CompletableFuture<R> call(
        String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
      return method.name().equals(methodName) && ++calls % EVERY == 0
          ? CompletableFuture.completedFuture((R) answer)
          : network.call(address, method, request, timeout);
    }

    @Override
    public <Q, R> RpcStream<Q> open(
        String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
      if (method.name().equals("BatchCommands")) {
        // Only calls of their own can be told apart here.
        throw new RpcException(RpcStatus.UNIMPLEMENTED, method + " is not served");
      }
      return network.open(address, method, timeout, responses);
    }
  }

  /** Moves every seventh timestamp two seconds into the past. */
  private record LateTimestamps(RpcClient network) implements RpcClient {
    @Override
    public <Q, R> CompletableFuture<R> call(
        String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
      return network.call(address, method, request, timeout);
    }

    @Override
    public <Q, R> RpcStream<Q> open(
        String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
      return network.open(
          address,
          method,
          timeout,
          method.name().equals("Tso") ? new Late<>(responses) : responses);
    }
  }

  private static final class Late<R> implements RpcReceiver<R> {
    private final RpcReceiver<R> client;
    private int messages;

    private Late(RpcReceiver<R> client) {
      this.client = client;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void onMessage(R message) {
      TsoResponse response = (TsoResponse) message;
      if (++messages % EVERY == 0) {
        Timestamp late =
            response.getTimestamp().toBuilder()
                .setPhysical(response.getTimestamp().getPhysical() - 2_000)
                .build();
        client.onMessage((R) response.toBuilder().setTimestamp(late).build());
      } else {
        client.onMessage(message);
      }
    }

    @Override
    public void onComplete() {
      client.onComplete();
    }

    @Override
    public void onError(RpcException failure) {
      client.onError(failure);
    }

    @Override
    public void onReady() {
      client.onReady();
    }
  }

  /** Lets every seventh plan read three seconds before its time. */
  private static final class LatePlans implements RpcClient {
    private static final long THREE_SECONDS = 3_000L << 18;

    private final RpcClient network;
    private int plans;

    private LatePlans(RpcClient network) {
      this.network = network;
    }

    @Override
    public <Q, R> CompletableFuture<R> call(
        String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
      return network.call(address, method, request, timeout);
    }

    @Override
    public <Q, R> RpcStream<Q> open(
        String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
      RpcStream<Q> stream = network.open(address, method, timeout, responses);
      return method.name().equals("CoprocessorStream") && ++plans % EVERY == 0
          ? new LatePlan<>(stream)
          : stream;
    }

    private record LatePlan<Q>(RpcStream<Q> stream) implements RpcStream<Q> {
      @Override
      @SuppressWarnings("unchecked")
      public void send(Q message) {
        Request request = (Request) message;
        stream.send(
            (Q) request.toBuilder().setStartTs(request.getStartTs() - THREE_SECONDS).build());
      }

      @Override
      public boolean isReady() {
        return stream.isReady();
      }

      @Override
      public void request(int count) {
        stream.request(count);
      }

      @Override
      public void complete() {
        stream.complete();
      }

      @Override
      public void fail(RpcException failure) {
        stream.fail(failure);
      }
    }
  }
}
