package io.arrowraft.pd.region;

import io.arrowraft.proto.pdpb.QueryStats;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.TimeInterval;

/**
 * What a region has served between two reports.
 *
 * @param seconds between the reports; 0: not said
 */
public record RegionTraffic(
    long bytesWritten,
    long keysWritten,
    long bytesRead,
    long keysRead,
    long writes,
    long reads,
    long seconds) {
  /** Nothing is known. */
  public static final RegionTraffic UNKNOWN = new RegionTraffic(0, 0, 0, 0, 0, 0, 0);

  static RegionTraffic of(RegionHeartbeatRequest report) {
    QueryStats queries = report.getQueryStats();
    return new RegionTraffic(
        report.getBytesWritten(),
        report.getKeysWritten(),
        report.getBytesRead(),
        report.getKeysRead(),
        writes(queries),
        reads(queries),
        seconds(report.getInterval()));
  }

  /** Requests that change something. */
  public static long writes(QueryStats queries) {
    return queries.getPut()
        + queries.getDelete()
        + queries.getDeleteRange()
        + queries.getPrewrite()
        + queries.getCommit()
        + queries.getRollback()
        + queries.getAcquirePessimisticLock();
  }

  /** Requests that read. */
  public static long reads(QueryStats queries) {
    return queries.getGet() + queries.getScan() + queries.getCoprocessor();
  }

  /** Length of an interval in seconds, 0 if it is not one. */
  public static long seconds(TimeInterval interval) {
    return Math.max(0, interval.getEndTimestamp() - interval.getStartTimestamp());
  }
}
