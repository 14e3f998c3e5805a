package io.arrowraft.pd.service;

import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.util.List;
import java.util.TreeMap;

/**
 * The heartbeat streams of the stores, down which orders go. An order that cannot leave now is
 * repeated later.
 */
public final class OrderLines {
  private final TreeMap<Long, RpcStream<RegionHeartbeatResponse>> byStore = new TreeMap<>();

  void open(long storeId, RpcStream<RegionHeartbeatResponse> line) {
    byStore.put(storeId, line);
  }

  void close(long storeId, RpcStream<RegionHeartbeatResponse> line) {
    byStore.remove(storeId, line);
  }

  /** A leadership has ended: the stores are to turn to the next leader at once. */
  public void closeAll() {
    RpcException reason = new RpcException(RpcStatus.UNAVAILABLE, "not leader: leadership ended");
    List.copyOf(byStore.values()).forEach(line -> line.fail(reason));
    byStore.clear();
  }

  void send(long storeId, RegionHeartbeatResponse order, long clusterId) {
    RpcStream<RegionHeartbeatResponse> line = byStore.get(storeId);
    if (line != null && line.isReady()) {
      line.send(order.toBuilder().setHeader(Headers.ok(clusterId)).build());
    }
  }
}
