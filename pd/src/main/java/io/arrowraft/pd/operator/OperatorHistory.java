package io.arrowraft.pd.operator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How the last operators ended: the last of each region, and all in order. Both are bounded. */
final class OperatorHistory {
  private static final int ENDED_MAX = 4096;

  private final ArrayDeque<Progress> ended = new ArrayDeque<>();
  private final Map<Long, Progress> last =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Progress> eldest) {
          return size() > ENDED_MAX;
        }
      };

  void add(Progress progress) {
    last.remove(progress.operator().regionId());
    last.put(progress.operator().regionId(), progress);
    ended.addLast(progress);
    if (ended.size() > ENDED_MAX) {
      ended.removeFirst();
    }
  }

  Optional<Progress> last(long regionId) {
    return Optional.ofNullable(last.get(regionId));
  }

  /** Those that ended at {@code sinceMillis} or later, the latest first. */
  List<Progress> since(long sinceMillis) {
    List<Progress> found = new ArrayList<>();
    for (Progress each : ended) {
      if (each.endedMillis() >= sinceMillis) {
        found.add(each);
      }
    }
    Collections.reverse(found);
    return found;
  }

  void clear() {
    ended.clear();
    last.clear();
  }
}
