package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.kvrpcpb.APIVersion;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.storage.mvcc.MvccKeys;
import java.time.Duration;
import java.util.List;

/** What every request must pass before anything is done for it. Immutable. */
final class RequestGate {
  /** A caller sets it to have the request passed on to another store. */
  private static final String FORWARDING_HEADER = "tikv-forwarded-host";

  private final ServiceConfig config;
  private final TimeSource time;

  RequestGate(ServiceConfig config, TimeSource time) {
    this.config = config;
    this.time = time;
  }

  /**
   * The region request that {@code context} describes, with the earliest of the deadlines that the
   * caller named.
   *
   * @throws InvalidRequestException if the context asks for what is not served
   */
  RegionRequest admit(Context context, RpcCall call) {
    if (call.header(FORWARDING_HEADER).isPresent()) {
      throw new RpcException(
          RpcStatus.UNAVAILABLE, "this store does not forward requests; call the other store");
    }
    switch (context.getApiVersion()) {
      case V1, V1TTL -> {}
      case V2, V3, UNRECOGNIZED ->
          throw new InvalidRequestException(
              "api_version "
                  + apiName(context)
                  + " is not served: this cluster speaks V1; set the client's API version to V1");
    }
    if (!context.getKeyspaceName().isEmpty() || context.getKeyspaceId() != 0) {
      throw new InvalidRequestException(
          "keyspaces need api_version V2, and this cluster speaks V1");
    }
    return RegionRequest.of(context, deadline(context, call)).timedBy(WatchedCall.times(call));
  }

  /** A key of the request, plain. */
  byte[] key(ByteString key) {
    return bounded(key, config.keyBytesMax());
  }

  /** An end of a range: the longest key's successor, where a scan goes on, is one byte longer. */
  byte[] bound(ByteString key) {
    return bounded(key, config.keyBytesMax() + 1);
  }

  /**
   * A raw key to look up. Clients look for a region's leader by reading the key where the region
   * starts, whatever is stored there, so an encoded key must pass.
   */
  byte[] probe(ByteString key) {
    return bounded(key, MvccKeys.encodedLength(config.keyBytesMax()));
  }

  private byte[] bounded(ByteString key, int bytesMax) {
    if (key.size() > bytesMax) {
      throw new InvalidRequestException(
          "key is too long: " + key.size() + " bytes, keyBytesMax=" + config.keyBytesMax());
    }
    return key.toByteArray();
  }

  List<byte[]> keys(List<ByteString> keys) {
    return keys.stream().map(this::key).toList();
  }

  /** A count that protobuf carries unsigned, as the limit of a list in memory. */
  static int limit(int unsigned) {
    return unsigned < 0 ? Integer.MAX_VALUE : unsigned;
  }

  long responseBytesMax() {
    return config.responseBytesMax();
  }

  long nowSeconds() {
    return time.wallMillis() / 1000;
  }

  private Deadline deadline(Context context, RpcCall call) {
    Deadline deadline =
        call.deadline().orElseGet(() -> Deadline.after(config.requestTimeoutDefault(), time));
    long bound = context.getMaxExecutionDurationMs();
    return bound <= 0 ? deadline : deadline.min(Deadline.after(Duration.ofMillis(bound), time));
  }

  private static String apiName(Context context) {
    APIVersion version = context.getApiVersion();
    return version == APIVersion.UNRECOGNIZED
        ? Integer.toString(context.getApiVersionValue())
        : version.name();
  }
}
