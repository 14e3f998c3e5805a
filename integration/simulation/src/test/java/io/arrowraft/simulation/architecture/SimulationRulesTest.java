package io.arrowraft.simulation.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The simulator runs production code; it does not rewrite it. Tests with planted faults neither.
 */
class SimulationRulesTest {
  /** The ports: what an implementation of stands for time, processors, network, disk or people. */
  private static final Set<String> PORTS =
      Set.of(
          "io.arrowraft.runtime.EventLoop",
          "io.arrowraft.runtime.WorkerPool",
          "io.arrowraft.runtime.LoopFactory",
          "io.arrowraft.runtime.TimeSource",
          "io.arrowraft.runtime.RandomSource",
          "io.arrowraft.runtime.FaultHandler",
          "io.arrowraft.runtime.Timer",
          "io.arrowraft.runtime.rpc.RpcCall",
          "io.arrowraft.runtime.rpc.RpcClient",
          "io.arrowraft.runtime.rpc.RpcCodec",
          "io.arrowraft.runtime.rpc.RpcReceiver",
          "io.arrowraft.runtime.rpc.RpcServer",
          "io.arrowraft.runtime.rpc.RpcServers",
          "io.arrowraft.runtime.rpc.RpcStream",
          "io.arrowraft.coprocessor.read.Waiting",
          "io.arrowraft.raft.LogStore",
          "io.arrowraft.server.region.RegionObserver",
          "io.arrowraft.storage.engine.Engine",
          "io.arrowraft.storage.engine.EngineReader",
          "io.arrowraft.storage.engine.EngineSnapshot",
          "io.arrowraft.storage.engine.EngineIterator");

  private final JavaClasses classes =
      new ClassFileImporter().importPackages("io.arrowraft.simulation");

  @Test
  void onlyPortsAreImplementedBySimulatorClasses() {
    classes()
        .that(resideInAPackage("io.arrowraft.simulation.."))
        .should(standOnPortsAlone())
        .check(classes);
  }

  @Test
  void theRuleSeesTheSimulatorsPorts() {
    assertThat(
            classes.stream()
                .filter(type -> type.getPackageName().startsWith("io.arrowraft.simulation"))
                .flatMap(SimulationRulesTest::productionParents)
                .map(JavaClass::getName))
        .contains("io.arrowraft.runtime.EventLoop", "io.arrowraft.runtime.rpc.RpcClient");
  }

  private static ArchCondition<JavaClass> standOnPortsAlone() {
    return new ArchCondition<>("extend and implement no production type but a port") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        List<String> others =
            productionParents(type)
                .map(JavaClass::getName)
                .filter(n -> !PORTS.contains(n))
                .toList();
        if (!others.isEmpty()) {
          events.add(SimpleConditionEvent.violated(type, type.getName() + " stands on " + others));
        }
      }
    };
  }

  private static Stream<JavaClass> productionParents(JavaClass type) {
    return Stream.concat(type.getAllRawInterfaces().stream(), type.getAllRawSuperclasses().stream())
        .filter(parent -> parent.getPackageName().startsWith("io.arrowraft"))
        .filter(parent -> !parent.getPackageName().startsWith("io.arrowraft.simulation"));
  }
}
