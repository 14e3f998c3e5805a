package io.arrowraft.client.fake;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.proto.errorpb.EpochNotMatch;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.errorpb.NotLeader;
import io.arrowraft.proto.errorpb.RegionNotFound;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A placement driver and three stores behind the RPC port, with region errors and faults on demand.
 * Requests and answers cross as bytes.
 */
public final class FakeCluster implements RpcClient {
  public static final String PD_ADDRESS = "pd:2379";
  private static final Duration DELAY = Duration.ofMillis(1);

  /** What happens to a request instead of being answered. */
  public enum Fault {
    /** The transport has no room for the request. */
    NOT_SENT,
    /** It never arrives. */
    LOSE_REQUEST,
    /** It is carried out, the answer never arrives. */
    LOSE_ANSWER,
    /** The store will never take it. */
    REFUSE
  }

  private record Interception(Fault fault, Error error, Runnable before) {}

  final TreeMap<Bytes, Region> regions = new TreeMap<>();
  final Map<Long, Long> leaders = new HashMap<>();
  private final VirtualWorld world;
  private final StoreRequests requests = new StoreRequests();
  private final FakePd pd;
  private final Set<Long> down = new HashSet<>();
  private final Map<String, Queue<Interception>> interceptions = new HashMap<>();
  private final List<String> log = new ArrayList<>();
  private final List<Long> replicaReads = new ArrayList<>();
  private boolean pdDown;
  private long nextId = 100;

  public FakeCluster(VirtualWorld world) {
    this.world = world;
    this.pd = new FakePd(this, world);
    Region.Builder whole = Region.newBuilder().setId(1);
    whole.setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(1));
    for (long store = 1; store <= 3; store++) {
      whole.addPeers(Peer.newBuilder().setId(10 + store).setStoreId(store));
    }
    regions.put(Bytes.EMPTY, whole.build());
    leaders.put(1L, 1L);
  }

  public ArrowraftClient client() {
    return client(ClientOptions.of(PD_ADDRESS));
  }

  public ArrowraftClient client(ClientOptions options) {
    return new ArrowraftClient(world.environment(), this, options);
  }

  /** A client of its own connections, which {@link DyingConnections#die} cuts off for ever. */
  public DyingConnections connections() {
    return new DyingConnections(this);
  }

  /** A client of its own connections, which {@link PausedConnections} holds up as a pause would. */
  public PausedConnections pausing() {
    return new PausedConnections(this);
  }

  /** A client over connections of its own. */
  public ArrowraftClient client(RpcClient connections, ClientOptions options) {
    return new ArrowraftClient(world.environment(), connections, options);
  }

  /** The stores that were asked to serve without leading, in order. */
  public List<Long> replicaReads() {
    return replicaReads;
  }

  // What tests do to the cluster.

  public void split(KeySpace space, String... keys) {
    for (String key : keys) {
      splitAt(space.regionKey(Bytes.ofUtf8(key)));
    }
  }

  public void splitAt(Bytes at) {
    Region old = regions.floorEntry(at).getValue();
    RegionEpoch epoch =
        old.getRegionEpoch().toBuilder().setVersion(old.getRegionEpoch().getVersion() + 1).build();
    Region.Builder right =
        old.toBuilder().setId(nextId++).setStartKey(Wire.of(at)).setRegionEpoch(epoch);
    right.clearPeers();
    for (Peer peer : old.getPeersList()) {
      right.addPeers(peer.toBuilder().setId(nextId++));
    }
    regions.put(
        Wire.of(old.getStartKey()),
        old.toBuilder().setEndKey(Wire.of(at)).setRegionEpoch(epoch).build());
    regions.put(at, right.build());
    leaders.put(right.getId(), leaders.get(old.getId()));
  }

  /** Makes a store lead the region of a key. */
  public void lead(long store, KeySpace space, String key) {
    leaders.put(regions.floorEntry(space.regionKey(Bytes.ofUtf8(key))).getValue().getId(), store);
  }

  public void stop(long store) {
    down.add(store);
    leaders.replaceAll((region, leader) -> leader == store ? store % 3 + 1 : leader);
  }

  /** Garbage collection passes a timestamp. */
  public void passSafePoint(Timestamp at) {
    pd.safePoint = at.value();
  }

  public void stopPlacementDriver() {
    pdDown = true;
  }

  /** The next request of a method meets a fault. */
  public void fault(String method, Fault fault) {
    interception(method, new Interception(fault, null, () -> {}));
  }

  /** The next request of a method is answered by a region error. */
  public void regionError(String method, Error error) {
    regionError(method, error, () -> {});
  }

  /** Something happens, and the next request of a method is answered by a region error. */
  public void regionError(String method, Error error, Runnable event) {
    interception(method, new Interception(null, error, event));
  }

  /** Something happens just before the next request of a method is looked at. */
  public void before(String method, Runnable event) {
    interception(method, new Interception(null, null, event));
  }

  /** From now on no request meets anything. */
  public void clearFaults() {
    interceptions.clear();
  }

  private void interception(String method, Interception interception) {
    interceptions.computeIfAbsent(method, absent -> new ArrayDeque<>()).add(interception);
  }

  /** Somebody reads a key at a timestamp. */
  public void read(String key, Timestamp at) {
    requests.mvcc().read(Bytes.ofUtf8(key), at.value(), List.of());
  }

  /** Leaves a lock of a transaction that lives for another minute. */
  public LockInfo lockOfALivingTransaction(String key, Timestamp start) {
    ByteString bytes = Wire.of(Bytes.ofUtf8(key));
    requests
        .mvcc()
        .prewrite(
            PrewriteRequest.newBuilder()
                .addMutations(Mutation.newBuilder().setKey(bytes).setValue(bytes))
                .setPrimaryLock(bytes)
                .setStartVersion(start.value())
                .setLockTtl(60_000)
                .setMinCommitTs(start.value() + 1)
                .build());
    return requests.mvcc().lock(bytes);
  }

  /** How often a method was called. */
  public long calls(String method) {
    return log.stream().filter(method::equals).count();
  }

  public int regionCount() {
    return regions.size();
  }

  /** Locks that are in the store now. */
  public long locks() {
    return requests.mvcc().locks();
  }

  // The RPC port.

  @Override
  @SuppressWarnings("unchecked")
  public <Q, R> CompletableFuture<R> call(
      String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
    CompletableFuture<R> answer = new CompletableFuture<>();
    Q received = method.requests().decode(method.requests().encode(request));
    log.add(method.name());
    world.later(
        DELAY,
        () -> {
          try {
            Optional<Message> response =
                address.equals(PD_ADDRESS)
                    ? pdCall(method, (Message) received)
                    : storeCall(address, method, (Message) received);
            world.later(
                response.isPresent() ? DELAY : timeout,
                () -> {
                  if (response.isPresent()) {
                    answer.complete((R) response.get());
                  } else {
                    answer.completeExceptionally(
                        new RpcException(RpcStatus.DEADLINE_EXCEEDED, "no answer"));
                  }
                });
          } catch (RpcException failure) {
            world.later(DELAY, () -> answer.completeExceptionally(failure));
          }
        });
    return answer;
  }

  private Optional<Message> pdCall(RpcMethod<?, ?> method, Message request) {
    if (pdDown) {
      throw RpcException.unreached("connection refused", null);
    }
    return Optional.of(pd.answer(method.name(), request));
  }

  private Optional<Message> storeCall(String address, RpcMethod<?, ?> method, Message request) {
    long store = Long.parseLong(address.substring("store-".length(), address.indexOf(':')));
    if (down.contains(store)) {
      throw RpcException.unreached("connection refused", null);
    }
    Queue<Interception> waiting = interceptions.get(method.name());
    Interception met = waiting == null ? null : waiting.poll();
    if (met != null) {
      met.before().run();
      if (met.fault() == Fault.LOSE_REQUEST) {
        return Optional.empty();
      }
      if (met.fault() == Fault.NOT_SENT) {
        throw RpcException.notSent("too many calls are under way");
      }
      if (met.fault() == Fault.REFUSE) {
        throw new RpcException(RpcStatus.INVALID_ARGUMENT, "not like this");
      }
      if (met.error() != null) {
        return Optional.of(withRegionError(method, met.error()));
      }
    }
    Message response = execute(store, method, request);
    return met != null && met.fault() == Fault.LOSE_ANSWER
        ? Optional.empty()
        : Optional.of(response);
  }

  Message execute(long store, RpcMethod<?, ?> method, Message request) {
    Context context =
        (Context) request.getField(request.getDescriptorForType().findFieldByName("context"));
    Optional<Error> error = regionErrorOf(store, context);
    return error.isPresent()
        ? withRegionError(method, error.get())
        : requests.answer(method.name(), request, regionById(context.getRegionId()));
  }

  private Optional<Error> regionErrorOf(long store, Context context) {
    Region region = regionById(context.getRegionId());
    if (region == null) {
      return Optional.of(
          Error.newBuilder()
              .setMessage("region not found")
              .setRegionNotFound(RegionNotFound.newBuilder().setRegionId(context.getRegionId()))
              .build());
    }
    long leader = leaders.get(region.getId());
    if (context.getReplicaRead()) {
      replicaReads.add(store);
    }
    if (leader != store && !context.getReplicaRead()) {
      Peer peer =
          region.getPeersList().stream().filter(p -> p.getStoreId() == leader).findFirst().get();
      return Optional.of(
          Error.newBuilder().setNotLeader(NotLeader.newBuilder().setLeader(peer)).build());
    }
    if (!region.getRegionEpoch().equals(context.getRegionEpoch())) {
      EpochNotMatch.Builder now = EpochNotMatch.newBuilder();
      regions.values().forEach(each -> now.addCurrentRegions(leaderFirst(each)));
      return Optional.of(Error.newBuilder().setEpochNotMatch(now).build());
    }
    return Optional.empty();
  }

  private Region leaderFirst(Region region) {
    long leader = leaders.get(region.getId());
    List<Peer> peers = new ArrayList<>(region.getPeersList());
    peers.sort(java.util.Comparator.comparing(peer -> peer.getStoreId() == leader ? 0 : 1));
    return region.toBuilder().clearPeers().addAllPeers(peers).build();
  }

  Region regionById(long id) {
    return regions.values().stream()
        .filter(region -> region.getId() == id)
        .findFirst()
        .orElse(null);
  }

  Region regionOf(ByteString regionKey) {
    return regions.floorEntry(Wire.of(regionKey)).getValue();
  }

  private static Message withRegionError(RpcMethod<?, ?> method, Error error) {
    Message empty = (Message) method.responses().decode(new ByteArrayInputStream(new byte[0]));
    FieldDescriptor field = empty.getDescriptorForType().findFieldByName("region_error");
    return empty.toBuilder().setField(field, error).build();
  }

  @Override
  @SuppressWarnings("unchecked")
  public <Q, R> RpcStream<Q> open(
      String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
    if (method.name().equals("Tso")) {
      return (RpcStream<Q>)
          pd.timestamps((RpcReceiver<io.arrowraft.proto.pdpb.TsoResponse>) responses);
    }
    if (method.name().equals("BatchCommands")) {
      // Stores that know no batches, so that each request can meet a fault of its own.
      world.later(
          DELAY,
          () ->
              responses.onError(
                  new RpcException(RpcStatus.UNIMPLEMENTED, method + " is not served")));
      return new ResponseStream<>((request, send) -> {}, responses);
    }
    return new ResponseStream<>(
        (request, send) ->
            world.later(
                DELAY,
                () -> {
                  try {
                    storeCall(address, method, (Message) request)
                        .ifPresent(message -> send.accept((R) message));
                    responses.onComplete();
                  } catch (RpcException failure) {
                    responses.onError(failure);
                  }
                }),
        responses);
  }

  /** A server-streaming call that answers each request by a function. */
  static final class ResponseStream<Q, R> implements RpcStream<Q> {
    interface Answers<Q, R> {
      void answer(Q request, Consumer<R> send);
    }

    private final Answers<Q, R> answers;
    private final RpcReceiver<R> receiver;

    ResponseStream(Answers<Q, R> answers, RpcReceiver<R> receiver) {
      this.answers = answers;
      this.receiver = receiver;
    }

    @Override
    public void send(Q message) {
      answers.answer(message, receiver::onMessage);
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void request(int count) {
      // Tests ask for all they get.
    }

    @Override
    public void complete() {
      // The answers follow from the requests alone.
    }

    @Override
    public void fail(RpcException failure) {
      receiver.onError(failure);
    }
  }
}
