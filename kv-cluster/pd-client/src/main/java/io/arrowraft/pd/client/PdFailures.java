package io.arrowraft.pd.client;

import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.runtime.rpc.RpcException;

/** The protocol's errors in this package's words. */
final class PdFailures {
  private PdFailures() {}

  /** The error in a response's header, or null. */
  static PdException ofHeader(String method, ResponseHeader header) {
    if (!header.hasError()) {
      return null;
    }
    String message = method + ": " + header.getError().getMessage();
    return switch (header.getError().getType()) {
      case OK -> null;
      case NOT_BOOTSTRAPPED ->
          new PdException(
              PdException.Code.NOT_BOOTSTRAPPED,
              method + ": the cluster has no store yet; start a store and try again");
      case STORE_TOMBSTONE ->
          new PdException(
              PdException.Code.STORE_REMOVED,
              message + "; its data directory must not be used again");
      case REGION_NOT_FOUND, REGIONS_NOT_CONTAIN_ALL_KEY_RANGE ->
          new PdException(PdException.Code.REGION_NOT_FOUND, message);
      default -> new PdException(PdException.Code.REJECTED, message);
    };
  }

  /** What a failed call means if repeating it cannot help, or null. */
  static PdException permanent(String method, RpcException failure) {
    return switch (failure.status()) {
      case FAILED_PRECONDITION ->
          new PdException(
              PdException.Code.CLUSTER_MISMATCH,
              method + ": " + failure.getMessage() + "; check the address and the data directory",
              failure);
      case UNAVAILABLE,
          DEADLINE_EXCEEDED,
          CANCELLED,
          INTERNAL,
          ABORTED,
          RESOURCE_EXHAUSTED,
          DATA_LOSS ->
          null;
      default -> new PdException(PdException.Code.REJECTED, failure.getMessage(), failure);
    };
  }
}
