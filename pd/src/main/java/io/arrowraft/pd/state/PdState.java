package io.arrowraft.pd.state;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Cluster;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.proto.pd.MemberRecord;
import io.arrowraft.proto.pd.Meta;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The replicated state machine. */
public final class PdState {
  private Meta meta = Meta.newBuilder().setNextId(1).build();
  private final TreeMap<Long, Store> stores = new TreeMap<>();
  private final TreeMap<Long, Region> regions = new TreeMap<>();
  private final TreeMap<Long, MemberRecord> members = new TreeMap<>();
  private final TreeMap<ByteString, ServiceHold> holds =
      new TreeMap<>(ByteString.unsignedLexicographicalComparator());
  private final SettingsState settings = new SettingsState();

  /** Takes one stored record, at start; the order does not matter. */
  public void load(ByteString key, ByteString value) {
    StateRecords.load(
        key,
        value,
        new StateRecords.Loading() {
          @Override
          public void meta(Meta loaded) {
            meta = loaded;
          }

          @Override
          public void store(Store store) {
            stores.put(store.getId(), store);
          }

          @Override
          public void region(Region region) {
            regions.put(region.getId(), region);
          }

          @Override
          public void hold(ServiceHold hold) {
            holds.put(hold.service(), hold);
          }

          @Override
          public void setting(String name, String value) {
            settings.load(name, value);
          }

          @Override
          public void member(MemberRecord member) {
            members.put(member.getId(), member);
          }
        });
  }

  /** Every record of the state: loading them, in any order, makes the same state. */
  public List<StateWrite> records() {
    List<StateWrite> records = new ArrayList<>();
    records.add(StateRecords.put(meta));
    stores.values().forEach(store -> records.add(StateRecords.put(store)));
    regions.values().forEach(region -> records.add(StateRecords.put(region)));
    members.values().forEach(member -> records.add(StateRecords.put(member)));
    holds.values().forEach(hold -> records.add(StateRecords.put(hold)));
    settings.all().forEach((name, value) -> records.add(StateRecords.put(name, value)));
    return records;
  }

  /** Becomes what {@code other} is, which is not used afterwards. */
  public void become(PdState other) {
    meta = other.meta;
    replace(stores, other.stores);
    replace(regions, other.regions);
    replace(members, other.members);
    replace(holds, other.holds);
    settings.become(other.settings);
  }

  private static <K, V> void replace(TreeMap<K, V> target, TreeMap<K, V> source) {
    target.clear();
    target.putAll(source);
  }

  /** Applies one command of the log. */
  public Applied apply(PdCommand command) {
    if (command instanceof PdCommand.InitialiseCluster c) {
      return initialise(c);
    } else if (command instanceof PdCommand.BootstrapCluster c) {
      return bootstrap(c);
    } else if (command instanceof PdCommand.ReserveIds c) {
      return reserveIds(c);
    } else if (command instanceof PdCommand.ExtendTimestampWindow c) {
      return extendWindow(c);
    } else if (command instanceof PdCommand.PutStore c) {
      return putStore(c);
    } else if (command instanceof PdCommand.PutRegions c) {
      return putRegions(c);
    } else if (command instanceof PdCommand.PutClusterConfig c) {
      return changed(new PdResult.Done(), meta.toBuilder().setCluster(c.cluster()).build());
    } else if (command instanceof PdCommand.AdvanceSafePoint c) {
      return advanceSafePoint(c);
    } else if (command instanceof PdCommand.HoldSafePoint c) {
      return holdSafePoint(c);
    } else if (command instanceof PdCommand.ChangeSettings c) {
      return settings.change(c);
    } else if (command instanceof PdCommand.ChangeStore c) {
      return StoreChanges.change(stores, c);
    } else if (command instanceof PdCommand.ForgetStore c) {
      return StoreChanges.forget(stores, c.id());
    } else if (command instanceof PdCommand.MoveMember c) {
      return changeMember(c.id(), member -> member.setAddress(c.address()));
    } else if (command instanceof PdCommand.RankMember c) {
      return changeMember(c.id(), member -> member.setPriority(c.priority()));
    }
    throw new IllegalStateException("no rule for " + command.getClass());
  }

  /**
   * A member has come, or has other properties. Not a command: it goes with a membership change.
   */
  public StateWrite putMember(MemberRecord member) {
    members.put(member.getId(), member);
    return StateRecords.put(member);
  }

  /** A member has gone. */
  public StateWrite removeMember(long id) {
    members.remove(id);
    return StateRecords.deleteMember(id);
  }

  /** The cluster's id; 0 before the first start has given it one. */
  public long clusterId() {
    return meta.getClusterId();
  }

  public boolean bootstrapped() {
    return meta.getBootstrapped();
  }

  /** Milliseconds since the epoch; every timestamp ever given out lies below. */
  public long timestampLimit() {
    return meta.getTimestampLimit();
  }

  public long safePoint() {
    return meta.getSafePoint();
  }

  /** Who holds garbage collection back, by name; some may have expired since the last change. */
  public Collection<ServiceHold> holds() {
    return Collections.unmodifiableCollection(holds.values());
  }

  /** The claim that garbage collection must stay below; empty before the first one. */
  public Optional<ServiceHold> lowestHold() {
    return holds.isEmpty() ? Optional.empty() : Optional.of(lowest());
  }

  /** What operators have set. */
  public SettingsState settings() {
    return settings;
  }

  /** The configuration of the cluster; empty before bootstrap. */
  public Optional<Cluster> cluster() {
    return meta.hasCluster() ? Optional.of(meta.getCluster()) : Optional.empty();
  }

  public Optional<MemberRecord> member(long id) {
    return Optional.ofNullable(members.get(id));
  }

  /** All members, by id. */
  public Collection<MemberRecord> members() {
    return Collections.unmodifiableCollection(members.values());
  }

  public Optional<Store> store(long id) {
    return Optional.ofNullable(stores.get(id));
  }

  /** All stores ever registered, by id, tombstones included. */
  public Collection<Store> stores() {
    return Collections.unmodifiableCollection(stores.values());
  }

  /** All recorded regions, by id; ranges may overlap where a record has not caught up. */
  public Collection<Region> regions() {
    return Collections.unmodifiableCollection(regions.values());
  }

  private Applied initialise(PdCommand.InitialiseCluster c) {
    if (meta.getClusterId() != 0) {
      return unchanged(new PdResult.ClusterId(meta.getClusterId()));
    }
    return changed(
        new PdResult.ClusterId(c.clusterId()),
        meta.toBuilder().setClusterId(c.clusterId()).build());
  }

  private Applied bootstrap(PdCommand.BootstrapCluster c) {
    if (meta.getBootstrapped()) {
      return unchanged(new PdResult.AlreadyBootstrapped());
    }
    if (!c.region().getStartKey().isEmpty() || !c.region().getEndKey().isEmpty()) {
      return unchanged(new PdResult.Rejected("the first region must cover the whole key space"));
    }
    meta = meta.toBuilder().setBootstrapped(true).build();
    stores.put(c.store().getId(), c.store());
    regions.put(c.region().getId(), c.region());
    return new Applied(
        new PdResult.Done(),
        List.of(StateRecords.put(meta), StateRecords.put(c.store()), StateRecords.put(c.region())));
  }

  private Applied reserveIds(PdCommand.ReserveIds c) {
    long first = meta.getNextId();
    long next = Math.addExact(first, c.count());
    return changed(new PdResult.IdRange(first, next - 1), meta.toBuilder().setNextId(next).build());
  }

  private Applied extendWindow(PdCommand.ExtendTimestampWindow c) {
    long limit = Math.max(meta.getTimestampLimit(), c.limit());
    return changed(
        new PdResult.TimestampLimit(limit), meta.toBuilder().setTimestampLimit(limit).build());
  }

  private Applied putStore(PdCommand.PutStore c) {
    Store store = c.store();
    Store known = stores.get(store.getId());
    if (known != null && known.getState() == StoreState.Tombstone) {
      return unchanged(new PdResult.Rejected("store " + store.getId() + " is a tombstone"));
    }
    for (Store other : stores.values()) {
      if (other.getId() != store.getId()
          && other.getAddress().equals(store.getAddress())
          && other.getState() != StoreState.Tombstone
          && !c.silent().contains(other.getId())) {
        return unchanged(
            new PdResult.Rejected(
                "store "
                    + store.getId()
                    + " wants address "
                    + store.getAddress()
                    + ", which belongs to store "
                    + other.getId()));
      }
    }
    Store kept = known == null ? store : StoreChanges.selfDescribed(known, store);
    stores.put(kept.getId(), kept);
    return new Applied(new PdResult.Done(), List.of(StateRecords.put(kept)));
  }

  private Applied putRegions(PdCommand.PutRegions c) {
    List<StateWrite> writes = new ArrayList<>();
    for (long id : c.removed()) {
      if (regions.remove(id) != null) {
        writes.add(StateRecords.deleteRegion(id));
      }
    }
    for (Region region : c.regions()) {
      Region known = regions.get(region.getId());
      if (known == null || !regresses(region.getRegionEpoch(), known.getRegionEpoch())) {
        regions.put(region.getId(), region);
        writes.add(StateRecords.put(region));
      }
    }
    return new Applied(new PdResult.Done(), writes);
  }

  private static boolean regresses(RegionEpoch next, RegionEpoch known) {
    return Long.compareUnsigned(next.getVersion(), known.getVersion()) < 0
        || Long.compareUnsigned(next.getConfVer(), known.getConfVer()) < 0;
  }

  private Applied advanceSafePoint(PdCommand.AdvanceSafePoint c) {
    if (Long.compareUnsigned(c.safePoint(), meta.getSafePoint()) <= 0) {
      return unchanged(new PdResult.SafePoint(meta.getSafePoint()));
    }
    return changed(
        new PdResult.SafePoint(c.safePoint()),
        meta.toBuilder().setSafePoint(c.safePoint()).build());
  }

  private Applied holdSafePoint(PdCommand.HoldSafePoint c) {
    List<StateWrite> writes = new ArrayList<>();
    holds
        .values()
        .removeIf(
            hold -> {
              boolean expired = hold.expired(c.now());
              if (expired) {
                writes.add(StateRecords.deleteHold(hold.service()));
              }
              return expired;
            });
    if (!holds.containsKey(ServiceHold.GC_WORKER)) {
      keep(new ServiceHold(ServiceHold.GC_WORKER, 0, Long.MAX_VALUE), writes);
    }
    if (c.expiresAt() <= c.now()) {
      if (!c.service().equals(ServiceHold.GC_WORKER) && holds.remove(c.service()) != null) {
        writes.add(StateRecords.deleteHold(c.service()));
      }
    } else if (Long.compareUnsigned(c.safePoint(), lowest().safePoint()) >= 0) {
      boolean forEver = c.service().equals(ServiceHold.GC_WORKER);
      keep(
          new ServiceHold(c.service(), c.safePoint(), forEver ? Long.MAX_VALUE : c.expiresAt()),
          writes);
    }
    return new Applied(new PdResult.LowestHold(lowest()), writes);
  }

  private void keep(ServiceHold hold, List<StateWrite> writes) {
    holds.put(hold.service(), hold);
    writes.add(StateRecords.put(hold));
  }

  private ServiceHold lowest() {
    return Collections.min(
        holds.values(), Comparator.comparing(ServiceHold::safePoint, Long::compareUnsigned));
  }

  private Applied changeMember(long id, Consumer<MemberRecord.Builder> change) {
    MemberRecord known = members.get(id);
    if (known == null) {
      return unchanged(new PdResult.Rejected("there is no member " + Long.toUnsignedString(id)));
    }
    MemberRecord.Builder next = known.toBuilder();
    change.accept(next);
    return new Applied(new PdResult.Done(), List.of(putMember(next.build())));
  }

  private static Applied unchanged(PdResult result) {
    return new Applied(result, List.of());
  }

  private Applied changed(PdResult result, Meta next) {
    meta = next;
    return new Applied(result, List.of(StateRecords.put(next)));
  }
}
