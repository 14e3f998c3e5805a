package io.arrowraft.pd.service;

import io.arrowraft.pd.placement.Rule;
import io.arrowraft.pd.region.StoreShelf;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.StoreState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ways of a store out of the cluster, and back as long as there is one. */
public final class StoreLife {
  private static final Logger LOG = LoggerFactory.getLogger(StoreLife.class);

  private StoreLife() {}

  /**
   * Begins to empty a store; once nothing is left on it, it becomes a tombstone.
   *
   * @param destroyed its data is lost and it never comes back
   * @throws IllegalArgumentException if the store cannot be spared, in words for whoever asked
   */
  public static CompletableFuture<PdResult> drain(LeaderState leader, long id, boolean destroyed) {
    StoreStatus store = known(leader, id);
    if (store.meta().getState() == StoreState.Tombstone) {
      throw new IllegalArgumentException("store " + id + " has left the cluster already");
    }
    if (destroyed
        && store.heardWithin(leader.scheduling().settings().config().disconnectedAfter())) {
      throw new IllegalArgumentException(
          "store %d was heard of %d s ago, so it is not destroyed; to empty it, leave force out"
              .formatted(id, store.silence().toSeconds()));
    }
    if (store.isUp() && !destroyed) {
      requireEnough(leader, id);
    }
    return change(leader, PdCommand.ChangeStore.state(id, StoreState.Offline, destroyed));
  }

  /** Takes a store back that was to be emptied. */
  public static CompletableFuture<PdResult> keep(LeaderState leader, long id) {
    known(leader, id);
    return change(leader, PdCommand.ChangeStore.state(id, StoreState.Up, false));
  }

  /** Drops the records of stores that have left. */
  public static CompletableFuture<Integer> forgetTombstones(LeaderState leader) {
    List<CompletableFuture<PdResult>> dropped = new ArrayList<>();
    for (StoreStatus store : leader.stores().all()) {
      StoreShelf shelf = leader.regions().shelf(store.id());
      if (store.meta().getState() == StoreState.Tombstone && shelf.regions() == 0) {
        dropped.add(change(leader, new PdCommand.ForgetStore(store.id())));
        dropped.add(leader.log().propose(leader.scheduling().settings().forgetStore(store.id())));
      }
    }
    return CompletableFuture.allOf(dropped.toArray(CompletableFuture[]::new))
        .thenApply(done -> dropped.size() / 2);
  }

  /** Declares a store a tombstone that has been emptied. */
  static void bury(LeaderState leader, long id) {
    LOG.atInfo().addKeyValue("store", id).log("store has been emptied and leaves the cluster");
    leader
        .log()
        .propose(PdCommand.ChangeStore.state(id, StoreState.Tombstone, false))
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                LOG.atInfo()
                    .addKeyValue("store", id)
                    .addKeyValue("reason", failure.getMessage())
                    .log("a tombstone is tried again");
              }
            });
  }

  /** Refuses to empty a store without which regions could not have their replicas. */
  private static void requireEnough(LeaderState leader, long id) {
    long others =
        leader.stores().all().stream()
            .filter(store -> store.id() != id && store.isUp())
            .filter(store -> store.heardWithin(leader.scheduling().settings().config().downAfter()))
            .count();
    int replicas = leader.scheduling().settings().config().count(Option.MAX_REPLICAS);
    for (Rule rule : leader.scheduling().settings().rules().rules()) {
      replicas = Math.max(replicas, rule.count());
    }
    if (others < replicas) {
      throw new IllegalArgumentException(
          ("store %d cannot be emptied: regions have %d replicas, and only %d other stores are up;"
                  + " add a store first, or lower max-replicas")
              .formatted(id, replicas, others));
    }
  }

  /**
   * Proposes a change.
   *
   * @return fails with an IllegalArgumentException if the state says no
   */
  public static CompletableFuture<PdResult> change(LeaderState leader, PdCommand command) {
    return leader
        .log()
        .propose(command)
        .thenApply(
            result -> {
              if (result instanceof PdResult.Rejected rejected) {
                throw new IllegalArgumentException(rejected.reason());
              }
              return result;
            });
  }

  private static StoreStatus known(LeaderState leader, long id) {
    return leader
        .stores()
        .status(id)
        .orElseThrow(
            () -> new IllegalArgumentException("there is no store " + Long.toUnsignedString(id)));
  }
}
