package io.arrowraft.pd.operator;

import java.util.HashMap;
import java.util.Map;

/** What stores will hold more, or less, once the operators that run are done. */
public final class Influence {

  /** The difference for one store; sizes in MiB. */
  public record OfStore(int leaders, long leaderMib, int regions, long regionMib) {
    static final OfStore NONE = new OfStore(0, 0, 0, 0);

    OfStore plus(int moreLeaders, int moreRegions, long mib) {
      return new OfStore(
          leaders + moreLeaders,
          leaderMib + moreLeaders * mib,
          regions + moreRegions,
          regionMib + moreRegions * mib);
    }
  }

  private final Map<Long, OfStore> stores = new HashMap<>();

  /** Takes into account that a store will lead a region, or no longer. */
  public void leader(long store, int more, long mib) {
    stores.put(store, of(store).plus(more, 0, mib));
  }

  /** Takes into account that a store will have a peer more, or less. */
  public void region(long store, int more, long mib) {
    stores.put(store, of(store).plus(0, more, mib));
  }

  public OfStore of(long store) {
    return stores.getOrDefault(store, OfStore.NONE);
  }
}
