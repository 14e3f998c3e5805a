package io.arrowraft.spark;

import java.util.List;

/** The catalog over a {@link FakeCluster}. Spark makes it, by its name. */
public final class FakeCatalog extends TikvCatalog {
  @Override
  TikvCluster connect(List<String> pdAddresses) {
    return FakeCluster.known(pdAddresses.get(0)).orElseThrow();
  }
}
