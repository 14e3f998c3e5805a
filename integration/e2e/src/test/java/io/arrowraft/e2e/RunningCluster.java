package io.arrowraft.e2e;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.embedded.EmbeddedCluster;
import io.arrowraft.embedded.EmbeddedOptions;
import io.arrowraft.server.coprocessor.CoprocessorCounters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A cluster in this JVM, three stores on real gRPC, and a plain client of it. Started for the first
 * test that asks for it and shared by all others, each of which keeps to tables of its own.
 */
public final class RunningCluster implements AutoCloseable {
  private static final int STORES = 3;
  private static final long SPLIT_BYTES = 1 << 20;

  private final Path directory;
  private final EmbeddedCluster cluster;
  private final ArrowraftClient client;
  private final List<String> prepared = new ArrayList<>();

  private RunningCluster() {
    try {
      directory = Files.createTempDirectory("arrowraft-e2e");
      cluster =
          EmbeddedCluster.start(
              EmbeddedOptions.defaults(directory).withStores(STORES).withSplitBytes(SPLIT_BYTES));
      client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  public String pdAddress() {
    return cluster.pdAddress();
  }

  public ArrowraftClient client() {
    return client;
  }

  /** What the stores have executed so far, all together. */
  public CoprocessorCounters.Values coprocessorCounters() {
    return cluster.coprocessorCounters();
  }

  /** Runs {@code preparation} unless one of this name has been run. */
  public synchronized void prepareOnce(String name, Runnable preparation) {
    if (!prepared.contains(name)) {
      preparation.run();
      prepared.add(name);
    }
  }

  @Override
  public void close() throws Exception {
    cluster.check();
    client.close();
    cluster.close();
    List<Path> files;
    try (Stream<Path> found = Files.walk(directory)) {
      files = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }

  /** Hands the cluster to test methods that have a parameter for it. */
  public static final class Resolver implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
        ExtensionContext.Namespace.create(RunningCluster.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == RunningCluster.class;
    }

    @Override
    public RunningCluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
      // The root's store closes what it holds after the last test.
      return context
          .getRoot()
          .getStore(NAMESPACE)
          .getOrComputeIfAbsent(
              RunningCluster.class, type -> new RunningCluster(), RunningCluster.class);
    }
  }
}
