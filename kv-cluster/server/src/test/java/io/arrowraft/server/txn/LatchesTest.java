package io.arrowraft.server.txn;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LatchesTest {
  private final Latches latches = new Latches(256);
  private final List<String> granted = new ArrayList<>();

  @Test
  void commandsOnOneKeyRunInTheOrderInWhichTheyCame() {
    Latches.Ticket first = ticket("first", "k");
    Latches.Ticket second = ticket("second", "k");
    Latches.Ticket third = ticket("third", "k");
    assertThat(latches.acquire(first)).isTrue();
    assertThat(latches.acquire(second)).isFalse();
    assertThat(latches.acquire(third)).isFalse();

    latches.release(first);
    assertThat(granted).containsExactly("second");
    latches.release(second);
    assertThat(granted).containsExactly("second", "third");
  }

  @Test
  void commandsOnOtherKeysDoNotWait() {
    assertThat(latches.acquire(ticket("a", "a"))).isTrue();
    assertThat(latches.acquire(ticket("b", "b"))).isTrue();
  }

  @Test
  void oneThatGivesUpLetsThoseBehindItGoOn() {
    Latches.Ticket first = ticket("first", "a");
    Latches.Ticket impatient = ticket("impatient", "a", "b");
    Latches.Ticket last = ticket("last", "b");
    latches.acquire(first);
    latches.acquire(impatient);
    latches.acquire(last);

    latches.release(impatient);
    latches.release(first);

    assertThat(granted).doesNotContain("impatient");
    assertThat(latches.acquire(ticket("later", "a"))).isTrue();
  }

  @Property(tries = 200)
  void neverTwoHoldersOfOneKeyAndEverybodyGetsATurn(@ForAll @IntRange(max = 100_000) int seed) {
    Random random = new Random(seed);
    // Few slots, so that keys collide as well.
    Latches few = new Latches(8);
    Map<Integer, Set<String>> holders = new LinkedHashMap<>();
    List<Integer> turns = new ArrayList<>();
    Map<Integer, Latches.Ticket> tickets = new LinkedHashMap<>();
    int commands = 40;
    for (int i = 0; i < commands; i++) {
      int id = i;
      Set<String> keys = new LinkedHashSet<>();
      for (int k = random.nextInt(4); k >= 0; k--) {
        keys.add("key" + random.nextInt(6));
      }
      Runnable run =
          () -> {
            for (Set<String> other : holders.values()) {
              assertThat(other).doesNotContainAnyElementsOf(keys);
            }
            holders.put(id, keys);
            turns.add(id);
          };
      Latches.Ticket ticket = few.ticket(keys.stream().map(Bytes::ofUtf8).toList(), run);
      tickets.put(id, ticket);
      if (few.acquire(ticket)) {
        run.run();
      }
      if (random.nextBoolean()) {
        releaseOne(few, holders, tickets, random);
      }
    }
    while (!holders.isEmpty()) {
      releaseOne(few, holders, tickets, random);
    }
    assertThat(turns).hasSize(commands).doesNotHaveDuplicates();
  }

  private static void releaseOne(
      Latches latches,
      Map<Integer, Set<String>> holders,
      Map<Integer, Latches.Ticket> tickets,
      Random random) {
    if (holders.isEmpty()) {
      return;
    }
    List<Integer> ids = List.copyOf(holders.keySet());
    int id = ids.get(random.nextInt(ids.size()));
    holders.remove(id);
    latches.release(tickets.get(id));
  }

  private Latches.Ticket ticket(String name, String... keys) {
    return latches.ticket(
        java.util.Arrays.stream(keys).map(Bytes::ofUtf8).toList(), () -> granted.add(name));
  }
}
