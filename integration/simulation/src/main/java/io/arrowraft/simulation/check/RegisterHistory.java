package io.arrowraft.simulation.check;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Registers that are read and swapped: for each there must be one order of its operations, each at
 * some instant between its beginning and its end, in which every reading finds what was written
 * last and every swap what it expected (Herlihy and Wing). Searched for as by Wing and Gong, with
 * the pruning by Lowe: a set of done operations that has led nowhere with one value is not tried
 * again.
 */
public final class RegisterHistory {
  /** No value, such as of a key that was never written. */
  public static final String ABSENT = "";

  private static final long NEVER = Long.MAX_VALUE;

  /** Configurations tried for one register before the search is given up. */
  private static final int TRIED_MAX = 2_000_000;

  /**
   * One operation.
   *
   * @param expected what a reading found, or what a swap asked for
   * @param written what a swap writes; {@code null} for a reading
   * @param completedAt {@link #NEVER} if it may yet happen
   * @param optional it may also not have happened
   */
  private record Operation(
      String expected, String written, long invokedAt, long completedAt, boolean optional) {
    boolean fits(String value) {
      return expected.equals(value);
    }

    @Override
    public String toString() {
      return (written == null ? "read " + expected : "swap " + expected + " for " + written)
          + (optional ? "?" : "")
          + " "
          + invokedAt
          + ".."
          + (completedAt == NEVER ? "" : completedAt);
    }
  }

  private final Map<String, List<Operation>> registers = new TreeMap<>();
  private int operations;

  /** A reading has found {@code value}. */
  public void read(String register, long invokedAt, long completedAt, String value) {
    add(register, new Operation(value, null, invokedAt, completedAt, false));
  }

  /** A swap has found {@code expected} and written {@code written}. */
  public void swapped(
      String register, long invokedAt, long completedAt, String expected, String written) {
    add(register, new Operation(expected, written, invokedAt, completedAt, false));
  }

  /** A swap has no answer: it may have happened at any time since, or may yet. */
  public void unknown(String register, long invokedAt, String expected, String written) {
    add(register, new Operation(expected, written, invokedAt, NEVER, true));
  }

  private void add(String register, Operation operation) {
    operations++;
    registers.computeIfAbsent(register, each -> new ArrayList<>()).add(operation);
  }

  public int operations() {
    return operations;
  }

  /** What the history breaks; empty if nothing. */
  public List<Violation> check() {
    List<Violation> violations = new ArrayList<>();
    registers.forEach(
        (register, history) -> {
          String problem = new Search(history).problem();
          if (!problem.isEmpty()) {
            violations.add(new Violation("registers", register + ": " + problem));
          }
        });
    return violations;
  }

  /** One register's search: a depth-first walk over which operation comes next. */
  private static final class Search {
    private record Tried(BitSet done, String value) {}

    private record Step(int operation, String valueBefore) {}

    private final List<Operation> operations;
    private final BitSet done = new BitSet();
    private final Set<Tried> tried = new HashSet<>();
    private final ArrayList<Step> steps = new ArrayList<>();
    private String value = ABSENT;
    private int furthest;
    private String stuckWith = "";

    Search(List<Operation> history) {
      operations = new ArrayList<>(history);
      operations.sort(Comparator.comparingLong(Operation::invokedAt));
    }

    String problem() {
      int next = 0;
      while (!allRequiredDone()) {
        int chosen = choose(next);
        if (chosen >= 0) {
          steps.add(new Step(chosen, value));
          done.set(chosen);
          if (operations.get(chosen).written() != null) {
            value = operations.get(chosen).written();
          }
          next = 0;
        } else {
          noteStuck();
          if (steps.isEmpty()) {
            return "no order of its operations is linearizable; " + stuckWith;
          }
          Step last = steps.remove(steps.size() - 1);
          done.clear(last.operation());
          value = last.valueBefore();
          next = last.operation() + 1;
        }
        if (tried.size() > TRIED_MAX) {
          return "";
        }
      }
      return "";
    }

    /** The next operation from {@code from} on that may come now, or -1. */
    private int choose(int from) {
      long deadline = earliestEnd();
      for (int i = from; i < operations.size(); i++) {
        Operation each = operations.get(i);
        if (each.invokedAt() > deadline) {
          return -1;
        }
        if (!done.get(i) && each.fits(value) && isNew(i)) {
          return i;
        }
      }
      return -1;
    }

    /** Nothing may come after the end of an operation that has to come before it. */
    private long earliestEnd() {
      long earliest = NEVER;
      for (int i = done.nextClearBit(0); i < operations.size(); i = done.nextClearBit(i + 1)) {
        Operation each = operations.get(i);
        if (each.invokedAt() > earliest) {
          break;
        }
        earliest = Math.min(earliest, each.completedAt());
      }
      return earliest;
    }

    private boolean isNew(int next) {
      BitSet after = (BitSet) done.clone();
      after.set(next);
      Operation operation = operations.get(next);
      return tried.add(new Tried(after, operation.written() == null ? value : operation.written()));
    }

    private boolean allRequiredDone() {
      for (int i = done.nextClearBit(0); i < operations.size(); i = done.nextClearBit(i + 1)) {
        if (!operations.get(i).optional()) {
          return false;
        }
      }
      return true;
    }

    private void noteStuck() {
      if (steps.size() >= furthest) {
        furthest = steps.size();
        long deadline = earliestEnd();
        List<Operation> candidates = new ArrayList<>();
        for (int i = done.nextClearBit(0); i < operations.size(); i = done.nextClearBit(i + 1)) {
          if (operations.get(i).invokedAt() <= deadline && candidates.size() < 6) {
            candidates.add(operations.get(i));
          }
        }
        stuckWith =
            "after %d of %d the value is '%s', and what may come next is %s"
                .formatted(steps.size(), operations.size(), value, candidates);
      }
    }
  }
}
