package io.arrowraft.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** Judges the jar that users put beside Spark. */
class ShadedJarIT {
  private static final Path JAR = Path.of(System.getProperty("shaded.jar"));

  /** What libraries use if it is there: nothing of it is wanted here. */
  private static final List<String> OPTIONAL =
      List.of(
          "io/arrowraft/spark/shaded/google/j2objc/",
          "io/arrowraft/spark/shaded/grpc/kotlin/",
          "io/arrowraft/spark/shaded/grpc/netty/shaded/io/netty/pkitesting/",
          "io/arrowraft/spark/shaded/latencyutils/",
          "io/arrowraft/spark/shaded/micrometer/context/");

  private static List<String> entries() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      return jar.stream().filter(entry -> !entry.isDirectory()).map(JarEntry::getName).toList();
    }
  }

  @Test
  void everyClassLiesBelowTheConnectorsPackage() throws IOException {
    assertThat(entries().stream().filter(name -> name.endsWith(".class")))
        .isNotEmpty()
        .allMatch(name -> name.startsWith("io/arrowraft/spark/"));
  }

  @Test
  void holdsNothingThatSparkOrAUserBrings() throws IOException {
    assertThat(entries())
        .noneMatch(
            name ->
                name.startsWith("io/netty/")
                    || name.startsWith("com/google/")
                    || name.startsWith("org/rocksdb/")
                    || name.startsWith("org/apache/arrow/")
                    || name.startsWith("org/apache/spark/")
                    || name.startsWith("org/slf4j/")
                    || name.startsWith("META-INF/native/"));
  }

  @Test
  void holdsTheClientAndItsTransportUnderNewNames() throws IOException {
    assertThat(entries())
        .contains(
            "io/arrowraft/spark/TikvSource.class",
            "io/arrowraft/spark/shaded/client/ArrowraftClient.class",
            "io/arrowraft/spark/shaded/grpc/ManagedChannel.class",
            "io/arrowraft/spark/shaded/google/protobuf/Message.class");
  }

  @Test
  void servicesNameClassesThatAreThere() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      List<String> names = entries();
      List<String> providers = new ArrayList<>();
      for (String name : names) {
        if (name.startsWith("META-INF/services/")) {
          try (InputStream content = jar.getInputStream(jar.getEntry(name))) {
            new String(content.readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceAll("#.*", "").trim())
                .filter(line -> !line.isEmpty())
                .forEach(providers::add);
          }
        }
      }
      assertThat(providers).contains(TikvSource.class.getName());
      assertThat(providers).contains(TikvSessionExtensions.class.getName());
      assertThat(providers)
          .allSatisfy(
              provider -> assertThat(names).contains(provider.replace('.', '/') + ".class"));
      assertThat(names)
          .contains("META-INF/services/io.arrowraft.spark.shaded.grpc.NameResolverProvider");
    }
  }

  @Test
  void everyRelocatedClassThatSomeClassNamesIsThere() throws IOException {
    Set<String> present = new TreeSet<>(entries());
    Set<String> missing = new TreeSet<>();
    try (JarFile jar = new JarFile(JAR.toFile())) {
      for (String name : present) {
        if (name.endsWith(".class")) {
          try (InputStream content = jar.getInputStream(jar.getEntry(name))) {
            for (String used : ClassNames.in(content)) {
              if (used.startsWith("io/arrowraft/spark/")
                  && OPTIONAL.stream().noneMatch(used::startsWith)
                  && !present.contains(used + ".class")) {
                missing.add(used);
              }
            }
          }
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void connectorLoadsBesideSparkAlone() throws Exception {
    List<URL> path = new ArrayList<>();
    path.add(JAR.toUri().toURL());
    for (String element : System.getProperty("java.class.path").split(java.io.File.pathSeparator)) {
      boolean isSpark =
          Arrays.stream(
                  new String[] {
                    "/org/apache/spark/", "/org/scala-lang/", "/org/apache/arrow/", "/org/slf4j/",
                    "/org/apache/logging/", "/com/fasterxml/", "/io/netty/", "/org/json4s/",
                    "/org/apache/commons/", "/org/apache/hadoop/", "/com/google/flatbuffers/"
                  })
              .anyMatch(part -> element.replace('\\', '/').contains(part));
      if (isSpark) {
        path.add(Path.of(element).toUri().toURL());
      }
    }
    try (URLClassLoader loader =
        new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      for (String name :
          List.of(
              "io.arrowraft.spark.TikvCatalog",
              "io.arrowraft.spark.TikvSessionExtensions",
              "io.arrowraft.spark.read.TikvColumnarReader",
              "io.arrowraft.spark.shaded.client.ArrowraftClient",
              "io.arrowraft.spark.shaded.rpc.grpc.GrpcRpcClient")) {
        assertThat(Class.forName(name, true, loader).getClassLoader()).isSameAs(loader);
      }
      Object source =
          Class.forName("io.arrowraft.spark.TikvSource", true, loader)
              .getDeclaredConstructor()
              .newInstance();
      assertThat(source.getClass().getMethod("shortName").invoke(source)).isEqualTo("tikv");
    }
  }
}
