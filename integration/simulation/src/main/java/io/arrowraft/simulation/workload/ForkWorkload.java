package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.ForkHistory;
import io.arrowraft.simulation.check.Outcome;
import io.arrowraft.simulation.check.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Writers of single keys, each written once, and readers of groups of them: all at once, or key by
 * key in any order, now, or again at an older time.
 */
public final class ForkWorkload implements Workload {
  /** Far apart in the key space, so that splits part the members of a group. */
  private static final List<String> MEMBERS = List.of("a", "h", "q", "v");

  /** Groups that are being written. */
  private static final int OPEN = 2;

  /** Groups that are still read. */
  private static final int READ = 4;

  private final int groupsMax;
  private final ForkHistory history = new ForkHistory();
  private final Remembered remembered = new Remembered();

  /** By open group: the members that nobody has written. */
  private final List<Group> open = new ArrayList<>();

  private int groups;

  private record Group(int number, List<Integer> unwritten) {}

  /**
   * @param groupsMax writes beyond them become readings
   */
  public ForkWorkload(int groupsMax) {
    this.groupsMax = groupsMax;
  }

  @Override
  public String name() {
    return "fork";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    openGroups();
    int dice = random.nextInt(100);
    if (dice < 45 && !open.isEmpty()) {
      return write(client, random);
    }
    int group = Math.max(0, groups - 1 - random.nextInt(READ));
    Optional<Timestamp> earlier = dice < 55 ? remembered.any(random) : Optional.empty();
    if (earlier.isPresent()) {
      return remembered.readAt(
          earlier.get(), timestamp -> read(client.snapshotAt(timestamp), group, random));
    }
    return random.nextInt(100) < 30
        ? client.begin().thenCompose(transaction -> read(transaction, group, random))
        : client.snapshot().thenCompose(snapshot -> read(snapshot, group, random));
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return client
        .snapshot()
        .thenCompose(
            snapshot -> {
              CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
              for (int group = 0; group < groups; group++) {
                int next = group;
                all = all.thenCompose(done -> readTogether(snapshot, next));
              }
              return all;
            });
  }

  @Override
  public List<Violation> check() {
    return history.check();
  }

  private void openGroups() {
    open.removeIf(group -> group.unwritten().isEmpty());
    while (open.size() < OPEN && groups < groupsMax) {
      List<Integer> members = new ArrayList<>();
      for (int member = 0; member < MEMBERS.size(); member++) {
        members.add(member);
      }
      open.add(new Group(groups++, members));
    }
  }

  private CompletableFuture<Void> write(ArrowraftClient client, RandomGenerator random) {
    Group group = open.get(random.nextInt(open.size()));
    int member = group.unwritten().remove(random.nextInt(group.unwritten().size()));
    history.invoked(group.number(), member);
    return put(client, key(group.number(), member), random)
        .handle(
            (timestamp, failure) -> {
              Outcome outcome = Outcomes.of(failure);
              if (outcome == Outcome.OK) {
                history.committed(group.number(), member, timestamp.value());
              } else if (outcome == Outcome.FAILED) {
                history.failed(group.number(), member);
              }
              return failure;
            })
        .thenCompose(
            failure ->
                failure == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(Async.cause(failure)));
  }

  private static CompletableFuture<Timestamp> put(
      ArrowraftClient client, Bytes key, RandomGenerator random) {
    Bytes value = Values.padded(1, random.nextBoolean() ? 1 : 300);
    if (random.nextInt(100) < 70) {
      return client
          .begin()
          .thenCompose(
              transaction -> {
                transaction.put(key, value);
                return transaction.commit();
              });
    }
    return client
        .beginPessimistic()
        .thenCompose(
            transaction ->
                transaction
                    .put(key, value)
                    .thenCompose(locked -> transaction.commit())
                    .whenComplete((timestamp, failure) -> transaction.rollback()));
  }

  private CompletableFuture<Void> read(
      TransactionalReader reader, int group, RandomGenerator random) {
    return random.nextBoolean()
        ? readTogether(reader, group)
        : readSingly(reader, group, shuffled(random));
  }

  private CompletableFuture<Void> readTogether(TransactionalReader reader, int group) {
    List<Bytes> keys = new ArrayList<>();
    for (int member = 0; member < MEMBERS.size(); member++) {
      keys.add(key(group, member));
    }
    return reader
        .batchGet(keys)
        .thenAccept(
            found -> {
              SortedSet<Integer> seen = new TreeSet<>();
              for (int member = 0; member < MEMBERS.size(); member++) {
                if (found.containsKey(keys.get(member))) {
                  seen.add(member);
                }
              }
              note(reader, group, seen);
            });
  }

  private CompletableFuture<Void> readSingly(
      TransactionalReader reader, int group, List<Integer> order) {
    SortedSet<Integer> seen = new TreeSet<>();
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (int member : order) {
      all =
          all.thenCompose(done -> reader.get(key(group, member)))
              .thenAccept(found -> found.ifPresent(value -> seen.add(member)));
    }
    return all.thenAccept(done -> note(reader, group, seen));
  }

  private void note(TransactionalReader reader, int group, SortedSet<Integer> seen) {
    history.read(group, reader.timestamp().value(), seen);
    remembered.add(reader.timestamp());
  }

  private static List<Integer> shuffled(RandomGenerator random) {
    List<Integer> order = new ArrayList<>();
    for (int member = 0; member < MEMBERS.size(); member++) {
      order.add(random.nextInt(1 + order.size()), member);
    }
    return order;
  }

  private static Bytes key(int group, int member) {
    return Bytes.ofUtf8(MEMBERS.get(member) + "/fork/%05d".formatted(group));
  }
}
