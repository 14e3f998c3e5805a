package io.arrowraft.client.region;

import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.runtime.rpc.RpcMethod;
import java.util.Optional;
import java.util.function.Function;

/**
 * A request to one region, as often as it has to be sent.
 *
 * @param build makes the message for an attempt from the context that fits it
 * @param regionError the region error of a response, if that is what it is
 * @param repeatable whether the request may be sent again when an answer was lost
 * @param anyReplica whether a replica that does not lead may serve the request, if the client
 *     prefers that
 */
public record RegionRequest<Q, R>(
    RpcMethod<Q, R> method,
    Function<Context, Q> build,
    Function<R, Optional<Error>> regionError,
    boolean repeatable,
    boolean anyReplica) {
  /** A request that does no harm when it is carried out twice. */
  public RegionRequest(
      RpcMethod<Q, R> method,
      Function<Context, Q> build,
      Function<R, Optional<Error>> regionError) {
    this(method, build, regionError, true, false);
  }

  /** The same, but never sent again once an answer was lost. */
  public RegionRequest<Q, R> notRepeatable() {
    return new RegionRequest<>(method, build, regionError, false, anyReplica);
  }

  /** The same, which any replica may serve. */
  public RegionRequest<Q, R> ofAnyReplica() {
    return new RegionRequest<>(method, build, regionError, repeatable, true);
  }
}
