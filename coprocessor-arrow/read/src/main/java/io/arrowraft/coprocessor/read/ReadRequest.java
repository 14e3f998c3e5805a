package io.arrowraft.coprocessor.read;

import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.table.KeyRange;
import java.util.List;
import java.util.Objects;

/**
 * What a reader reads.
 *
 * @param ranges plain keys, ascending and apart
 */
public record ReadRequest(
    PlanRequest plan, List<KeyRange> ranges, Timestamp timestamp, ReadLimits limits) {
  public ReadRequest {
    Objects.requireNonNull(plan, "plan");
    ranges = List.copyOf(ranges);
    Objects.requireNonNull(timestamp, "timestamp");
    Objects.requireNonNull(limits, "limits");
  }
}
