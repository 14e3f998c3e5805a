package io.arrowraft.pd.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.testing.LocalLog;
import io.arrowraft.pd.testing.ManualLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdPoolTest {
  private final ManualLoop loop = new ManualLoop();
  private final PdState state = new PdState();
  private final LocalLog log = new LocalLog(state, loop);

  @Test
  void idsAreUniqueAcrossLeadershipsAndRequestsOfAnySize() {
    List<Long> given = new ArrayList<>();
    IdPool pool = new IdPool(log, 100);
    for (int round = 0; round < 5; round++) {
      pool.reset();
      for (int count : new int[] {1, 3, 900, 150, 5000, 1}) {
        long last = loop.await(pool.next(count));
        for (long id = last - count + 1; id <= last; id++) {
          given.add(id);
        }
      }
      pool.tryNext().ifPresent(given::add);
    }
    assertThat(given).doesNotHaveDuplicates().allMatch(id -> id > 0);
  }

  @Test
  void aLostLeadershipFailsWaiters() {
    IdPool pool = new IdPool(log, 100);
    log.setLeads(false);
    var id = pool.next(1);
    loop.advance(java.time.Duration.ofMillis(1));
    assertThat(id).isCompletedExceptionally();
  }
}
