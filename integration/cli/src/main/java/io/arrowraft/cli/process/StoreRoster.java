package io.arrowraft.cli.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which stores a local cluster has beside those that {@code up} was asked for: stores that were
 * added while it ran, and stores that were drained and do not come back. Kept in the data
 * directory. For use by several threads.
 */
final class StoreRoster {
  private static final String NAME = "stores.txt";
  private static final String GONE = "gone";

  private final Path file;

  /** Labels by store, {@link #GONE} for one that is no more. */
  private final Map<Integer, String> known = new TreeMap<>();

  private StoreRoster(Path file) {
    this.file = file;
  }

  static StoreRoster open(Path data) throws IOException {
    StoreRoster roster = new StoreRoster(data.resolve(NAME));
    if (Files.exists(roster.file)) {
      for (String line : Files.readAllLines(roster.file)) {
        String[] words = line.split(" ", 2);
        roster.known.put(Integer.parseInt(words[0]), words.length > 1 ? words[1] : "");
      }
    }
    return roster;
  }

  /** The numbers of the stores to run when {@code up} is asked for {@code count}. */
  synchronized List<Integer> numbers(int count) {
    List<Integer> numbers = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      if (!GONE.equals(known.get(number))) {
        numbers.add(number);
      }
    }
    known.forEach(
        (number, labels) -> {
          if (number > count && !labels.equals(GONE)) {
            numbers.add(number);
          }
        });
    return numbers;
  }

  /** The labels that an added store was given; {@code otherwise} for any other. */
  synchronized String labels(int number, String otherwise) {
    return known.getOrDefault(number, otherwise);
  }

  /** A number that no store has had. */
  synchronized int next(int count) {
    return Math.max(count, known.keySet().stream().reduce(0, Math::max)) + 1;
  }

  synchronized void add(int number, String labels) throws IOException {
    known.put(number, labels);
    save();
  }

  synchronized void remove(int number) throws IOException {
    known.put(number, GONE);
    save();
  }

  private void save() throws IOException {
    List<String> lines = new ArrayList<>();
    known.forEach((number, labels) -> lines.add(number + " " + labels));
    Path next = file.resolveSibling(NAME + ".new");
    Files.write(next, lines);
    Files.move(
        next,
        file,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING,
        java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }
}
