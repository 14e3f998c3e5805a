package io.arrowraft.pd.client;

import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;

/** A store's line to the placement driver: reports up, orders down. It reconnects by itself. */
public interface RegionHeartbeats extends AutoCloseable {

  /** Takes what comes down the line; called on the client's loop. */
  interface Listener {
    /**
     * The line is open, for the first time or again: the placement driver may know nothing, so
     * report every region that this store leads.
     */
    void onConnected();

    /** The placement driver wants something done; obsolete if the region's epoch has moved. */
    void onOrder(RegionHeartbeatResponse order);
  }

  /**
   * Reports a region. While the line is busy or broken the newest report of each region waits;
   * older ones are dropped. The header is filled in.
   */
  void report(RegionHeartbeatRequest report);

  @Override
  void close();
}
