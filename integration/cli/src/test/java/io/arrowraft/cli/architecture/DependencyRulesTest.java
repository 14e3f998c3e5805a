package io.arrowraft.cli.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Who may depend on whom: the table of the design, one row a module. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DependencyRulesTest {
  private static final String GRPC = "io.grpc..";
  private static final String ROCKS = "org.rocksdb..";
  private static final String ARROW = "org.apache.arrow..";
  private static final String SPARK = "org.apache.spark..";
  private static final String PROTOBUF = "com.google.protobuf..";

  /** Our modules by name, each with its package. */
  private static final Map<String, String> MODULES = modules();

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.arrowraft");

  @Test
  void tableKnowsTheJdkAlone() {
    check(
        "table", List.of(), GRPC, ROCKS, ARROW, SPARK, PROTOBUF, "org.slf4j..", "io.micrometer..");
  }

  @Test
  void raftCoreKnowsTheJdkAlone() {
    check(
        "raft-core",
        List.of(),
        GRPC,
        ROCKS,
        ARROW,
        SPARK,
        PROTOBUF,
        "org.slf4j..",
        "io.micrometer..");
  }

  @Test
  void runtimeKnowsNoModule() {
    check("runtime", List.of(), GRPC, ROCKS, ARROW, SPARK, PROTOBUF);
  }

  @Test
  void rpcBridgesTheRuntimeToGrpc() {
    check("rpc", List.of("runtime", "proto"), ROCKS, ARROW, SPARK);
  }

  @Test
  void raftSeesTheWireInItsGrpcPackageOnly() {
    check("raft", List.of("raft-core", "runtime", "proto", "rpc"), ROCKS, ARROW, SPARK);
    noClasses()
        .that(inModule("raft"))
        .and()
        .resideOutsideOfPackage("io.arrowraft.raft.grpc..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(GRPC, PROTOBUF, "io.arrowraft.proto..", "io.arrowraft.rpc.."))
        .check(classes);
  }

  @Test
  void storageSeesRaftAndRocksWhereTheyBelong() {
    check("storage", List.of("runtime", "raft", "raft-core"), GRPC, ARROW, SPARK, PROTOBUF);
    noClasses()
        .that(inModule("storage"))
        .and()
        .resideOutsideOfPackage("io.arrowraft.storage.raftlog..")
        .should()
        .dependOnClassesThat(resideInAnyPackage("io.arrowraft.raft.."))
        .check(classes);
    noClasses()
        .that()
        .resideInAPackage("io.arrowraft..")
        .and()
        .resideOutsideOfPackage("io.arrowraft.storage.rocks..")
        .should()
        .dependOnClassesThat(resideInAnyPackage(ROCKS))
        .check(classes);
  }

  @Test
  void pdClientKnowsTheWire() {
    check("pd-client", List.of("proto", "rpc", "runtime"), ROCKS, ARROW, SPARK);
  }

  @Test
  void clientCarriesPlansAndResultsAsBytes() {
    check("client", List.of("pd-client", "table", "proto", "rpc", "runtime"), ROCKS, ARROW, SPARK);
  }

  @Test
  void planIsData() {
    check("coprocessor-plan", List.of("table"), GRPC, ROCKS, ARROW, SPARK);
  }

  @Test
  void engineIsVectorsAndPlansAlone() {
    check("coprocessor-engine", List.of("coprocessor-plan", "table"), GRPC, ROCKS, SPARK);
  }

  @Test
  void readStaysOnTheClientsSide() {
    check(
        "coprocessor-read",
        List.of("client", "pd-client", "coprocessor-plan", "table", "runtime", "rpc", "proto"),
        ROCKS,
        SPARK);
  }

  @Test
  void serverKnowsNeitherThePlacementDriverNorTheClient() {
    check(
        "server",
        List.of(
            "raft",
            "raft-core",
            "storage",
            "coprocessor-engine",
            "coprocessor-plan",
            "table",
            "pd-client",
            "proto",
            "rpc",
            "runtime"),
        SPARK);
  }

  @Test
  void placementDriverKnowsNeitherStoresNorCoprocessor() {
    check("pd", List.of("raft", "raft-core", "storage", "proto", "rpc", "runtime"), ARROW, SPARK);
  }

  @Test
  void connectorKnowsTheClientsSideAlone() {
    check(
        "spark-connector",
        List.of(
            "client",
            "pd-client",
            "table",
            "coprocessor-plan",
            "coprocessor-read",
            "runtime",
            "rpc",
            "proto"),
        ROCKS);
  }

  @Test
  void embeddedSeesNoSpark() {
    check(
        "embedded",
        List.of(
            "server",
            "pd",
            "storage",
            "raft",
            "raft-core",
            "rpc",
            "client",
            "pd-client",
            "runtime",
            "proto",
            "table",
            "coprocessor-engine"),
        SPARK);
  }

  @Test
  void pureCodeTouchesNoLoggingMetricsOrPorts() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.arrowraft.storage.mvcc..",
            "io.arrowraft.storage.txn..",
            "io.arrowraft.coprocessor.plan..")
        .should()
        .dependOnClassesThat(resideInAnyPackage("org.slf4j..", "io.micrometer.."))
        .check(classes);
  }

  @Test
  void readPathsOfTheConnectorHaveNoRowStep() {
    noClasses()
        .that()
        .resideInAPackage("io.arrowraft.spark.read..")
        .or()
        .resideInAPackage("io.arrowraft.coprocessor.read..")
        .should()
        .dependOnClassesThat()
        .haveNameMatching("org\\.apache\\.spark\\.sql\\.catalyst\\.expressions\\.UnsafeRow")
        .orShould()
        .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.name("getObject")))
        .allowEmptyShould(true)
        .check(classes);
  }

  @Test
  void everyClassBelongsToAModule() {
    List<String> homeless = new ArrayList<>();
    classes.forEach(
        type -> {
          if (MODULES.values().stream().noneMatch(prefix -> isIn(type.getPackageName(), prefix))) {
            homeless.add(type.getName());
          }
        });
    assertThat(homeless).isEmpty();
  }

  private void check(String module, List<String> allowedModules, String... forbiddenLibraries) {
    List<String> forbidden = new ArrayList<>(List.of(forbiddenLibraries));
    noClasses()
        .that(inModule(module))
        .should()
        .dependOnClassesThat(resideInAnyPackage(forbidden.toArray(String[]::new)))
        .check(classes);
    noClasses()
        .that(inModule(module))
        .should()
        .dependOnClassesThat(
            new DescribedPredicate<>("belong to a module that " + module + " may not see") {
              @Override
              public boolean test(JavaClass type) {
                String owner = moduleOf(type.getPackageName());
                return owner != null && !owner.equals(module) && !allowedModules.contains(owner);
              }
            })
        .check(classes);
  }

  private static DescribedPredicate<JavaClass> inModule(String module) {
    return new DescribedPredicate<>("belong to module " + module) {
      @Override
      public boolean test(JavaClass type) {
        return module.equals(moduleOf(type.getPackageName()));
      }
    };
  }

  /** The module of a package: the row with the longest matching prefix. */
  private static String moduleOf(String packageName) {
    String found = null;
    for (Map.Entry<String, String> module : MODULES.entrySet()) {
      if (isIn(packageName, module.getValue())
          && (found == null || module.getValue().length() > MODULES.get(found).length())) {
        found = module.getKey();
      }
    }
    return found;
  }

  private static boolean isIn(String packageName, String prefix) {
    return packageName.equals(prefix) || packageName.startsWith(prefix + ".");
  }

  private static Map<String, String> modules() {
    Map<String, String> modules = new TreeMap<>();
    modules.put("proto", "io.arrowraft.proto");
    modules.put("table", "io.arrowraft.table");
    modules.put("runtime", "io.arrowraft.runtime");
    modules.put("rpc", "io.arrowraft.rpc");
    modules.put("raft-core", "io.arrowraft.raft.core");
    modules.put("raft", "io.arrowraft.raft");
    modules.put("storage", "io.arrowraft.storage");
    modules.put("pd-client", "io.arrowraft.pd.client");
    modules.put("client", "io.arrowraft.client");
    modules.put("server", "io.arrowraft.server");
    modules.put("pd", "io.arrowraft.pd");
    modules.put("coprocessor-plan", "io.arrowraft.coprocessor.plan");
    modules.put("coprocessor-engine", "io.arrowraft.coprocessor.engine");
    modules.put("coprocessor-read", "io.arrowraft.coprocessor.read");
    modules.put("spark-connector", "io.arrowraft.spark");
    modules.put("embedded", "io.arrowraft.embedded");
    modules.put("cli", "io.arrowraft.cli");
    return modules;
  }
}
