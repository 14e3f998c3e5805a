package io.arrowraft.server.peer;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.RegionHeartbeats;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.raft.MultiRaft;

/**
 * The line to the placement driver: reports of the regions led here go up, orders come down.
 * Callable from any thread; reports are made on the loops of their regions.
 */
final class PlacementLink implements RegionHeartbeats.Listener {
  private final RegionDirectory directory;
  private final PlacementOrders orders;
  private volatile RegionHeartbeats line;

  PlacementLink(RegionDirectory directory, PlacementOrders orders) {
    this.directory = directory;
    this.orders = orders;
  }

  void open(PdClient pd) {
    line = pd.openRegionHeartbeats(this);
  }

  /** Reports one region, if it is led here. */
  void report(RegionPeer peer) {
    peer.loop()
        .run(
            () -> {
              RegionHeartbeats open = line;
              if (open != null && peer.group() != null) {
                peer.reports().next().ifPresent(open::report);
              }
            });
  }

  /** Reports all regions that are led here. */
  void reportAll() {
    directory.all().forEach(this::report);
  }

  /** Reports those regions led here whose place among {@code parts} is {@code part}. */
  void reportPart(int part, int parts) {
    for (RegionPeer peer : directory.all()) {
      if (MultiRaft.placeOf(peer.regionId(), parts) == part) {
        report(peer);
      }
    }
  }

  /** The placement driver may have restarted and know nothing (correctness rule 53). */
  @Override
  public void onConnected() {
    reportAll();
  }

  @Override
  public void onOrder(RegionHeartbeatResponse order) {
    directory
        .find(order.getRegionId())
        .ifPresent(peer -> peer.loop().execute(() -> orders.carryOut(peer, order)));
  }

  void close() {
    RegionHeartbeats open = line;
    line = null;
    if (open != null) {
      open.close();
    }
  }
}
