package io.arrowraft.pd.state;

import io.arrowraft.proto.metapb.NodeState;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreLabel;
import io.arrowraft.proto.metapb.StoreState;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Rules of a store's record. */
final class StoreChanges {
  private StoreChanges() {}

  static Applied change(Map<Long, Store> stores, PdCommand.ChangeStore c) {
    Store known = stores.get(c.id());
    if (known == null) {
      return rejected("there is no store " + Long.toUnsignedString(c.id()));
    }
    Store.Builder changed = known.toBuilder();
    if (c.state().isPresent()) {
      StoreState next = c.state().get();
      if (known.getState() == StoreState.Tombstone && next != StoreState.Tombstone) {
        return rejected(
            "store "
                + Long.toUnsignedString(c.id())
                + " is a tombstone and stays one: start the store anew with an empty directory");
      }
      if (next == StoreState.Up && known.getPhysicallyDestroyed()) {
        return rejected(
            "store "
                + Long.toUnsignedString(c.id())
                + " was declared physically destroyed and cannot come back");
      }
      changed
          .setState(next)
          .setNodeState(nodeState(next, known))
          .setPhysicallyDestroyed(known.getPhysicallyDestroyed() || c.destroyed());
    }
    c.labels().ifPresent(labels -> changed.clearLabels().addAllLabels(labels));
    stores.put(c.id(), changed.build());
    return new Applied(new PdResult.Done(), List.of(StateRecords.put(changed.build())));
  }

  static Applied forget(Map<Long, Store> stores, long id) {
    Store known = stores.get(id);
    if (known == null) {
      return new Applied(new PdResult.Done(), List.of());
    }
    if (known.getState() != StoreState.Tombstone) {
      return rejected(
          "store "
              + Long.toUnsignedString(id)
              + " is no tombstone; only the records of those are dropped");
    }
    stores.remove(id);
    return new Applied(new PdResult.Done(), List.of(StateRecords.deleteStore(id)));
  }

  /**
   * What a known store says of itself. Whether it is being removed is not its to say, and labels
   * that it does not name stay as operators have set them.
   */
  static Store selfDescribed(Store known, Store said) {
    Map<String, StoreLabel> labels = new TreeMap<>();
    known.getLabelsList().forEach(label -> labels.put(key(label), label));
    said.getLabelsList().forEach(label -> labels.put(key(label), label));
    return said.toBuilder()
        .setState(known.getState())
        .setNodeState(known.getNodeState())
        .setPhysicallyDestroyed(known.getPhysicallyDestroyed())
        .clearLabels()
        .addAllLabels(labels.values())
        .build();
  }

  private static String key(StoreLabel label) {
    return label.getKey().toLowerCase(Locale.ROOT);
  }

  private static NodeState nodeState(StoreState state, Store known) {
    return switch (state) {
      case Offline -> NodeState.Removing;
      case Tombstone -> NodeState.Removed;
      default ->
          known.getNodeState() == NodeState.Removing ? NodeState.Serving : known.getNodeState();
    };
  }

  private static Applied rejected(String reason) {
    return new Applied(new PdResult.Rejected(reason), List.of());
  }
}
