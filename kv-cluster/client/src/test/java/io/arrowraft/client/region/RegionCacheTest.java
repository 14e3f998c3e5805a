package io.arrowraft.client.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.runtime.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegionCacheTest {
  private final RegionCache cache = new RegionCache(null, null, 3);

  @Test
  void aNewerDescriptionReplacesAllThatItMeets() {
    cache.add(region(1, 1, "a", "c"));
    cache.add(region(2, 1, "c", "e"));
    cache.add(region(3, 2, "b", "d"));
    assertThat(cache.size()).isEqualTo(1);
    assertThat(cache.cached(key("b")).orElseThrow().id()).isEqualTo(3);
    assertThat(cache.cached(key("a"))).isEmpty();
    assertThat(cache.cached(key("d"))).isEmpty();
  }

  @Test
  void theLeastRecentlyUsedIsForgottenFirst() {
    cache.add(region(1, 1, "a", "b"));
    cache.add(region(2, 1, "b", "c"));
    cache.add(region(3, 1, "c", "d"));
    cache.cached(key("a"));
    cache.add(region(4, 1, "d", ""));
    assertThat(cache.cached(key("a"))).isPresent();
    assertThat(cache.cached(key("b"))).isEmpty();
    assertThat(cache.cached(key("zz")).orElseThrow().id()).isEqualTo(4);
  }

  @Test
  void invalidationOfAnOldDescriptionLeavesTheNewOne() {
    Region old = region(1, 1, "a", "c");
    cache.add(old);
    cache.add(region(1, 2, "a", "b"));
    cache.invalidate(old);
    assertThat(cache.cached(key("a"))).isPresent();
    cache.updateLeader(old, Peer.newBuilder().setId(9).build());
    assertThat(cache.cached(key("a")).orElseThrow().leader().getId()).isEqualTo(1);
  }

  private static Region region(long id, long version, String start, String end) {
    Peer peer = Peer.newBuilder().setId(1).setStoreId(1).build();
    return new Region(
        id,
        key(start),
        key(end),
        RegionEpoch.newBuilder().setVersion(version).setConfVer(1).build(),
        List.of(peer),
        peer);
  }

  private static Bytes key(String text) {
    return Bytes.ofUtf8(text);
  }
}
