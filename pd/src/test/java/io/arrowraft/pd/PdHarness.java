package io.arrowraft.pd;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.member.MemberBook;
import io.arrowraft.pd.member.MemberCalls;
import io.arrowraft.pd.member.MemberChanges;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.service.PdService;
import io.arrowraft.pd.settings.Settings;
import io.arrowraft.pd.state.IdPool;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.testing.FakeCall;
import io.arrowraft.pd.testing.FakeServers;
import io.arrowraft.pd.testing.FakeStream;
import io.arrowraft.pd.testing.LocalLog;
import io.arrowraft.pd.testing.LocalMembers;
import io.arrowraft.pd.testing.ManualLoop;
import io.arrowraft.pd.testing.NoClient;
import io.arrowraft.pd.tso.TimestampMeters;
import io.arrowraft.pd.tso.TimestampService;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.pdpb.BootstrapRequest;
import io.arrowraft.proto.pdpb.RequestHeader;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcService;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** The service of one leading member on a manual loop, called without a network. */
final class PdHarness {
  final ManualLoop loop = new ManualLoop();
  final PdState state = new PdState();
  final LocalLog log = new LocalLog(state, loop);
  final PdConfig config = PdConfig.defaults("127.0.0.1", 0);
  final LeaderState leader =
      LeaderState.of(
          state,
          log,
          new TimestampService(
              config.timestamps(),
              log,
              loop,
              loop,
              config.waitersMax(),
              new TimestampMeters(new SimpleMeterRegistry())),
          new IdPool(log, config.waitersMax()),
          new Settings(state, config.schedule(), config.replicas()),
          loop,
          new SplittableRandom(2));
  final Leadership leadership = new Leadership(leader, config, loop, new SplittableRandom(1));
  final LocalMembers members = new LocalMembers(state, log);
  final MemberBook book = new MemberBook("pd-1", () -> "127.0.0.1:2379", members, leader);
  final MemberCalls calls =
      new MemberCalls(book, new MemberChanges(book, members, leader), new NoClient(), loop);
  private final List<RpcService> services = PdService.of(book, leader, loop, loop);

  PdHarness lead() {
    leadership.elected();
    loop.await(leadership.firstServing());
    return this;
  }

  /** Store 1 with one region over everything, and stores 2 and 3. */
  PdHarness bootstrap() {
    await(
        "Bootstrap",
        BootstrapRequest.newBuilder()
            .setHeader(header())
            .setStore(store(1))
            .setRegion(firstRegion())
            .build());
    for (long id = 2; id <= 3; id++) {
      await(
          "PutStore",
          io.arrowraft.proto.pdpb.PutStoreRequest.newBuilder()
              .setHeader(header())
              .setStore(store(id))
              .build());
    }
    return this;
  }

  static Store store(long id) {
    return Store.newBuilder().setId(id).setAddress("127.0.0.1:" + (20160 + id)).build();
  }

  static Region firstRegion() {
    Region.Builder region =
        Region.newBuilder().setId(100).addPeers(Peer.newBuilder().setId(101).setStoreId(1));
    region.getRegionEpochBuilder().setConfVer(1).setVersion(1);
    return region.build();
  }

  static ByteString key(String text) {
    return ByteString.copyFromUtf8(text);
  }

  RequestHeader header() {
    return RequestHeader.newBuilder().setClusterId(state.clusterId()).build();
  }

  @SuppressWarnings("unchecked")
  <Q, R> CompletableFuture<R> call(String method, Q request) {
    RpcService.Binding<Q, R> binding =
        (RpcService.Binding<Q, R>) FakeServers.binding(services, method);
    return binding.unary().handle(request, new FakeCall()).toCompletableFuture();
  }

  <Q, R> R await(String method, Q request) {
    return loop.await(this.<Q, R>call(method, request));
  }

  @SuppressWarnings("unchecked")
  <Q, R> RpcReceiver<Q> open(String method, FakeStream<R> responses) {
    RpcService.Binding<Q, R> binding =
        (RpcService.Binding<Q, R>) FakeServers.binding(services, method);
    return binding.stream().accept(responses, new FakeCall());
  }
}
