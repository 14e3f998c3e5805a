package io.arrowraft.pd.schedule.check;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.Step;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.Checker;
import io.arrowraft.pd.schedule.ClusterView;
import java.util.List;

/** Splits regions in which more than one set of rules is in force. */
public final class SplitChecker implements Checker {
  @Override
  public String name() {
    return "split";
  }

  @Override
  public List<Operator> check(ClusterView view, RegionInfo region) {
    List<ByteString> keys = view.rules().splitKeys(region.startKey(), region.endKey());
    return keys.isEmpty()
        ? List.of()
        : List.of(
            new Operator(
                region.id(),
                Operator.Kind.SPLIT,
                "rule-split-region",
                List.of(Step.Split.at(keys))));
  }
}
