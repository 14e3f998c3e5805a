package io.arrowraft.pd.schedule.round;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.OperatorBoard;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.StoreShelf;
import io.arrowraft.pd.schedule.Checker;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.pd.schedule.check.JointStateChecker;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** Looks at the regions in turn, and first at those that seem to need it. */
final class Patrol {
  private static final int SUSPECTS_MAX = 10_000;

  /** Regions that one round looks at because their store must be left. */
  private static final int LEAVING_MAX = 128;

  private final JointStateChecker joint = new JointStateChecker();
  private final List<Checker> checkers;
  private final LinkedHashSet<Long> suspects = new LinkedHashSet<>();
  private ByteString cursor = ByteString.EMPTY;
  private boolean atStart = true;
  private long passes;

  /**
   * @param checkers in order of importance
   */
  Patrol(List<Checker> checkers) {
    this.checkers = List.copyOf(checkers);
  }

  void reset() {
    suspects.clear();
    atStart = true;
    cursor = ByteString.EMPTY;
  }

  /** How many times all regions have been looked at. */
  long passes() {
    return passes;
  }

  /** Takes note of a region that may need something. */
  void suspect(long regionId) {
    if (suspects.size() < SUSPECTS_MAX) {
      suspects.add(regionId);
    }
  }

  /** Takes note of a report, if there is something in it. */
  void heard(RegionInfo region, boolean shapeChanged, int replicas) {
    if (shapeChanged
        || !region.down().isEmpty()
        || region.peers().size() != replicas
        || region.peers().stream().anyMatch(Patrol::isNoVoter)) {
      suspect(region.id());
    }
  }

  private static boolean isNoVoter(Peer peer) {
    return peer.getRole() != PeerRole.Voter;
  }

  void run(ClusterView view, OperatorBoard board) {
    int batch = view.config().count(Option.PATROL_REGION_BATCH);
    for (long id : takeSuspects(batch)) {
      view.regions().find(id).ifPresent(region -> check(view, board, region));
    }
    for (StoreView store : view.stores()) {
      if (store.mustLeave()) {
        checkStore(view, board, store);
      }
    }
    if (hasRoom(view, board)) {
      visitNext(view, board, batch);
    }
  }

  /** Looks at the regions after the one that was looked at last, up to the end of the key space. */
  private void visitNext(ClusterView view, OperatorBoard board, int batch) {
    List<RegionInfo> next = view.regions().startingAfter(cursor, atStart, batch);
    for (RegionInfo region : next) {
      if (!hasRoom(view, board)) {
        return;
      }
      atStart = false;
      cursor = region.startKey();
      check(view, board, region);
    }
    if (next.size() < batch) {
      atStart = true;
      cursor = ByteString.EMPTY;
      passes++;
    }
  }

  private List<Long> takeSuspects(int batch) {
    List<Long> taken = suspects.stream().limit(batch).toList();
    taken.forEach(suspects::remove);
    return taken;
  }

  private void checkStore(ClusterView view, OperatorBoard board, StoreView store) {
    List<Long> ids = new ArrayList<>();
    for (StoreShelf.Kind kind : StoreShelf.Kind.values()) {
      int count = store.shelf().count(kind);
      int first = count == 0 ? 0 : view.random().nextInt(count);
      for (int i = 0; i < Math.min(count, LEAVING_MAX); i++) {
        ids.add(store.shelf().at(kind, (first + i) % count));
      }
    }
    for (long id : ids) {
      if (!hasRoom(view, board)) {
        return;
      }
      view.regions().find(id).ifPresent(region -> check(view, board, region));
    }
  }

  private static boolean hasRoom(ClusterView view, OperatorBoard board) {
    return hasRoom(view, board, Operator.Kind.REPLICA);
  }

  private static boolean hasRoom(ClusterView view, OperatorBoard board, Operator.Kind kind) {
    return board.count(kind) < view.config().limit(kind);
  }

  private void check(ClusterView view, OperatorBoard board, RegionInfo region) {
    if (region.leader().isEmpty() || view.isTaken(region.id())) {
      return;
    }
    if (region.inJointState()) {
      begin(view, board, joint.check(view, region));
      return;
    }
    for (Checker checker : checkers) {
      List<Operator> operators = checker.check(view, region);
      if (!operators.isEmpty()) {
        begin(view, board, operators);
        return;
      }
    }
  }

  private void begin(ClusterView view, OperatorBoard board, List<Operator> operators) {
    if (operators.isEmpty() || !hasRoom(view, board, operators.get(0).kind())) {
      return;
    }
    boolean begun =
        operators.size() == 2
            ? board.begin(operators.get(0), operators.get(1))
            : board.begin(operators.get(0));
    if (begun) {
      operators.forEach(view::assume);
    }
  }
}
