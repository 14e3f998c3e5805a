package io.arrowraft.client.coprocessor;

import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.runtime.rpc.RpcException;
import java.util.List;

/** What ended a stream before its ranges were done. */
public sealed interface Interruption {
  /** The response carried a region error: nothing of this attempt counts. */
  record RegionFailed(Error error) implements Interruption {}

  /** Locks of other transactions stand in the way. */
  record Locked(List<LockInfo> locks) implements Interruption {
    public Locked {
      locks = List.copyOf(locks);
    }
  }

  /** The stream broke. */
  record StreamBroken(RpcException failure) implements Interruption {}
}
