package io.arrowraft.simulation.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.simulation.main.Simulate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DeterminismTest {
  private static final long SEED = 8;
  private static final Pattern TRACE = Pattern.compile("trace ([0-9a-f]{16}), (\\d+) events");

  /**
   * Identity hashes come from another generator in each JVM, and the order of the JDK's immutable
   * sets from another salt, which the JVM draws at its start when it shares no archive.
   */
  @Test
  void oneSeedGivesOneTraceInJvmsWithDifferentHashSeeds() throws IOException, InterruptedException {
    Process one = fork("-XX:hashCode=5", "-Xshare:off");
    Process other = fork("-XX:hashCode=0", "-Xshare:auto", "-XX:+UseSerialGC");
    SimulationReport here = Simulation.of(SEED);
    String trace = here.traceHash() + " after " + here.events();
    assertThat(trace(one)).isEqualTo(trace);
    assertThat(trace(other)).isEqualTo(trace);
  }

  private static Process fork(String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UnlockExperimentalVMOptions");
    // Newer JDKs want to be told that Arrow uses Unsafe; older ones do not know the words.
    command.add("-XX:+IgnoreUnrecognizedVMOptions");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
    command.addAll(List.of(options));
    command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
    command.add(Simulate.class.getName());
    command.add(Long.toString(SEED));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String trace(Process process) throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    Matcher matcher = TRACE.matcher(output);
    assertThat(matcher.find()).as(output).isTrue();
    return matcher.group(1) + " after " + matcher.group(2);
  }
}
