package io.arrowraft.server.lockwait;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class WaitForGraphTest {
  private static final long LATER = 1_000;

  private final WaitForGraph graph = new WaitForGraph(100);

  @Test
  void aCircleOfThreeIsToldFromTheWaitThatClosesIt() {
    assertThat(add(1, 2)).isEmpty();
    assertThat(add(2, 3)).isEmpty();
    Deadlock found = add(3, 1).orElseThrow();
    assertThat(found.chain()).containsExactly(edge(3, 1), edge(1, 2), edge(2, 3));
    assertThat(found.heldKey()).as("what 3 holds and 2 wants").isEqualTo(Bytes.ofUtf8("k2-3"));
    assertThat(graph.size()).as("the closing wait is not entered").isEqualTo(2);
  }

  @Test
  void aWaitThatEndedOrExpiredClosesNothing() {
    add(1, 2);
    graph.remove(edge(1, 2));
    assertThat(add(2, 1)).isEmpty();
    assertThat(graph.add(edge(1, 2), 3 * LATER, LATER)).as("2 has given up by then").isEmpty();
    assertThat(graph.size()).isEqualTo(1);
  }

  @Test
  void aTransactionMayWaitInSeveralStatements() {
    add(1, 2);
    add(1, 3);
    graph.remove(edge(1, 2));
    assertThat(add(3, 1)).isPresent();
  }

  @Test
  void beyondItsBoundItKeepsWhatItHas() {
    WaitForGraph small = new WaitForGraph(1);
    assertThat(small.add(edge(1, 2), LATER, 0)).isEmpty();
    assertThat(small.add(edge(3, 4), LATER, 0)).isEmpty();
    assertThat(small.size()).isEqualTo(1);
    assertThat(small.add(edge(3, 4), 3 * LATER, 2 * LATER)).isEmpty();
    assertThat(small.add(edge(4, 3), 3 * LATER, 2 * LATER)).as("entered in its place").isPresent();
  }

  @Property(tries = 500)
  void itFindsWhatASearchOfAllPathsFinds(
      @ForAll @Size(max = 20) List<@IntRange(max = 35) Integer> moves) {
    WaitForGraph tested = new WaitForGraph(1_000);
    Set<List<Integer>> entered = new HashSet<>();
    for (int move : moves) {
      int waiter = move / 6;
      int holder = move % 6;
      boolean circle = waiter == holder || reaches(entered, holder, waiter, new ArrayList<>());
      Optional<Deadlock> found = tested.add(edge(waiter, holder), LATER, 0);
      assertThat(found.isPresent()).isEqualTo(circle);
      if (circle) {
        assertCircle(found.orElseThrow(), waiter, entered);
      } else {
        entered.add(List.of(waiter, holder));
      }
    }
  }

  private static void assertCircle(Deadlock found, int waiter, Set<List<Integer>> entered) {
    long at = waiter;
    for (int i = 0; i < found.chain().size(); i++) {
      WaitFor edge = found.chain().get(i);
      assertThat(edge.waiter()).isEqualTo(at);
      if (i > 0) {
        assertThat(entered).contains(List.of((int) edge.waiter(), (int) edge.holder()));
      }
      at = edge.holder();
    }
    assertThat(at).isEqualTo(waiter);
  }

  private static boolean reaches(Set<List<Integer>> edges, int from, int to, List<Integer> seen) {
    if (from == to) {
      return true;
    }
    seen.add(from);
    return edges.stream()
        .filter(edge -> edge.get(0) == from && !seen.contains(edge.get(1)))
        .anyMatch(edge -> reaches(edges, edge.get(1), to, seen));
  }

  private Optional<Deadlock> add(long waiter, long holder) {
    return graph.add(edge(waiter, holder), LATER, 0);
  }

  private static WaitFor edge(long waiter, long holder) {
    return new WaitFor(waiter, holder, Bytes.ofUtf8("k" + waiter + "-" + holder), ByteString.EMPTY);
  }
}
