package io.arrowraft.simulation.check;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Transactions that append distinct elements to lists and read others. Since a list tells in which
 * order its elements came, the order of all versions is known, and with it who depends on whom. A
 * circle of dependencies in which at most one is a reader that missed a later write contradicts
 * snapshot isolation. After the method of Elle (Kingsbury and Alvaro, VLDB 2020).
 */
public final class AppendHistory {
  /**
   * One list as a transaction found it.
   *
   * @param appended the element that it added behind; empty if it only read
   */
  public record Access(int list, List<Long> found, Optional<Long> appended) {
    public Access {
      found = List.copyOf(found);
    }
  }

  /** A transaction; times are of one clock, in any unit. */
  public record Append(
      long id, long invokedAt, long completedAt, Outcome outcome, List<Access> accesses) {
    public Append {
      accesses = List.copyOf(accesses);
    }

    @Override
    public String toString() {
      return "T" + id + " " + outcome + " " + accesses;
    }
  }

  private final List<Append> transactions = new ArrayList<>();

  public void add(Append transaction) {
    transactions.add(transaction);
  }

  public int acknowledged() {
    return (int) transactions.stream().filter(each -> each.outcome() == Outcome.OK).count();
  }

  /** What the history breaks; empty if nothing. */
  public List<Violation> check() {
    return new Judgement().judge();
  }

  /** One look at the whole history. */
  private final class Judgement {
    private final List<Violation> violations = new ArrayList<>();

    /** By list: the elements in the order in which they came, as far as anybody has seen. */
    private final Map<Integer, List<Long>> orders = new TreeMap<>();

    private final Map<Long, Append> writers = new LinkedHashMap<>();

    /** Who comes after whom because it wrote or read what the other had written. */
    private final Map<Long, Set<Long>> after = new LinkedHashMap<>();

    List<Violation> judge() {
      findOrders();
      transactions.forEach(this::findWriter);
      transactions.forEach(this::checkReadings);
      transactions.forEach(this::checkAppends);
      if (violations.isEmpty()) {
        // The order of versions can be relied on.
        transactions.stream().filter(this::counts).forEach(this::addDependencies);
        findCircles();
      }
      return violations;
    }

    private void findOrders() {
      for (Append transaction : transactions) {
        for (Access access : transaction.accesses()) {
          List<Long> known = orders.getOrDefault(access.list(), List.of());
          if (access.found().size() > known.size()) {
            orders.put(access.list(), access.found());
          }
        }
      }
    }

    private void findWriter(Append transaction) {
      for (Access access : transaction.accesses()) {
        access.appended().ifPresent(element -> writers.put(element, transaction));
      }
    }

    private List<Long> order(int list) {
      return orders.getOrDefault(list, List.of());
    }

    private void checkReadings(Append transaction) {
      for (Access access : transaction.accesses()) {
        List<Long> order = order(access.list());
        if (!order.subList(0, access.found().size()).equals(access.found())) {
          report(transaction, "list %d follows from no order: %s".formatted(access.list(), order));
        }
        for (long element : access.found()) {
          Append writer = writers.get(element);
          if (writer == null) {
            report(transaction, "element %d was appended by nobody".formatted(element));
          } else if (writer.outcome() == Outcome.FAILED) {
            report(transaction, "element %d is of %s".formatted(element, writer));
          }
        }
      }
    }

    private void checkAppends(Append transaction) {
      if (transaction.outcome() == Outcome.FAILED) {
        return;
      }
      for (Access access : transaction.accesses()) {
        if (access.appended().isPresent()) {
          checkAppend(transaction, access, access.appended().get());
        }
      }
    }

    private void checkAppend(Append transaction, Access access, long element) {
      List<Long> order = order(access.list());
      int at = order.indexOf(element);
      int place = access.found().size();
      if (at >= 0 && at != place) {
        report(
            transaction,
            "element %d stands behind others than were read: %s".formatted(element, order));
      }
      if (transaction.outcome() != Outcome.OK) {
        return;
      }
      if (at < 0 && order.size() > place) {
        report(
            transaction,
            "element %d is lost, %d stands in its place".formatted(element, order.get(place)));
      }
      for (Append later : transactions) {
        for (Access reading : later.accesses()) {
          if (reading.list() == access.list()
              && later.invokedAt() > transaction.completedAt()
              && !reading.found().contains(element)) {
            report(transaction, "the later %s does not see element %d".formatted(later, element));
          }
        }
      }
    }

    /** Whether a transaction has taken effect: known, or seen. */
    private boolean counts(Append transaction) {
      return transaction.outcome() == Outcome.OK
          || transaction.accesses().stream()
              .anyMatch(
                  access ->
                      access.appended().isPresent()
                          && order(access.list()).contains(access.appended().get()));
    }

    private void addDependencies(Append transaction) {
      for (Access access : transaction.accesses()) {
        if (!access.found().isEmpty()) {
          Append writer = writers.get(access.found().get(access.found().size() - 1));
          if (writer.id() != transaction.id()) {
            after.computeIfAbsent(writer.id(), id -> new LinkedHashSet<>()).add(transaction.id());
          }
        }
      }
    }

    private void findCircles() {
      for (Append transaction : transactions) {
        if (!counts(transaction)) {
          continue;
        }
        path(transaction.id(), transaction.id())
            .ifPresent(path -> report(transaction, "each depends on the one before: " + path));
        for (Access access : transaction.accesses()) {
          overwriter(transaction, access)
              .flatMap(overwriter -> path(overwriter.id(), transaction.id()))
              .ifPresent(
                  path ->
                      report(
                          transaction,
                          "list %d was read without what came before: %s"
                              .formatted(access.list(), path)));
        }
      }
    }

    /** Who wrote what a reading has missed first. */
    private Optional<Append> overwriter(Append reader, Access access) {
      List<Long> order = order(access.list());
      int next = access.found().size();
      if (access.appended().isPresent() || next >= order.size()) {
        return Optional.empty();
      }
      return Optional.of(writers.get(order.get(next))).filter(writer -> writer.id() != reader.id());
    }

    /** A way along dependencies, of one step at least. */
    private Optional<List<Long>> path(long from, long to) {
      Map<Long, Long> reachedFrom = new LinkedHashMap<>();
      ArrayDeque<Long> open = new ArrayDeque<>();
      open.add(from);
      while (!open.isEmpty()) {
        long at = open.poll();
        for (long next : after.getOrDefault(at, Set.of())) {
          if (next == to) {
            return Optional.of(trace(reachedFrom, from, at, to));
          }
          if (reachedFrom.putIfAbsent(next, at) == null) {
            open.add(next);
          }
        }
      }
      return Optional.empty();
    }

    private static List<Long> trace(Map<Long, Long> reachedFrom, long from, long last, long to) {
      ArrayDeque<Long> path = new ArrayDeque<>();
      path.addFirst(to);
      long at = last;
      while (at != from) {
        path.addFirst(at);
        at = reachedFrom.get(at);
      }
      path.addFirst(from);
      return List.copyOf(path);
    }

    private void report(Append transaction, String text) {
      violations.add(new Violation("append", transaction + ": " + text));
    }
  }
}
