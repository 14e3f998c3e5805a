package io.arrowraft.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentEntriesTest {
  private static Entry entry(long index, int bytes) {
    return new Entry(1, index, EntryType.NORMAL, new byte[bytes]);
  }

  @Test
  void groupsTogetherHoldNoMoreThanTheirCommonBound() {
    LogCache shared = new LogCache(1_500);
    RecentEntries first = new RecentEntries(1 << 20, shared, 0);
    RecentEntries second = new RecentEntries(1 << 20, shared, 0);
    first.append(List.of(entry(1, 1_000)));
    second.append(List.of(entry(1, 1_000)));
    assertThat(shared.bytes()).isGreaterThanOrEqualTo(2_000);

    first.evictUpTo(0);
    assertThat(first.held()).as("not written yet").hasSize(1);
    first.evictUpTo(1);
    second.evictUpTo(1);
    assertThat(first.held()).isEmpty();
    assertThat(second.held()).as("there is room again").hasSize(1);
    second.clear();
    assertThat(shared.bytes()).isZero();
  }

  @Test
  void replacedEntriesCountNoLonger() {
    LogCache shared = new LogCache(Long.MAX_VALUE);
    RecentEntries recent = new RecentEntries(1 << 20, shared, 0);
    recent.append(List.of(entry(1, 100), entry(2, 5_000)));
    recent.append(List.of(entry(2, 100)));

    assertThat(shared.bytes()).isEqualTo(Entry.sizeBytes(recent.held()));
    recent.dropUpTo(2);
    assertThat(shared.bytes()).isZero();
  }
}
