package io.arrowraft.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a server process leaves in its log. */
class LogFormatTest {
  private static final String DIRECTORY = "arrowraft.log.dir";
  private static final Logger LOG = LoggerFactory.getLogger(LogFormatTest.class);

  @TempDir private Path data;

  @AfterEach
  void logToTheTerminalAgain() throws URISyntaxException {
    System.clearProperty(DIRECTORY);
    Configurator.reconfigure(LogFormat.class.getResource("/log4j2.xml").toURI());
  }

  @Test
  void keysAndValuesAreFieldsInJson() throws IOException {
    LogFormat.json.apply(data);
    logTwoEvents();

    List<String> lines = lines();
    assertThat(lines).hasSize(2);
    JsonNode split = new ObjectMapper().readTree(lines.get(0));
    assertThat(split.get("message").asText()).isEqualTo("region split");
    assertThat(split.get("level").asText()).isEqualTo("INFO");
    assertThat(split.at("/fields/region").asText()).isEqualTo("7");
    assertThat(split.at("/fields/reason").asText()).isEqualTo("a \"size\"\nof 96 MiB");
    JsonNode stopped = new ObjectMapper().readTree(lines.get(1));
    assertThat(stopped.get("message").asText()).isEqualTo("stopped");
    assertThat(stopped.at("/fields/region").isMissingNode()).isTrue();
    assertThat(stopped.get("exception").asText()).contains("IllegalStateException: for a test");
  }

  @Test
  void keysAndValuesFollowTheTextOfALine() throws IOException {
    LogFormat.text.apply(data);
    logTwoEvents();

    List<String> lines = lines();
    assertThat(lines.get(0)).endsWith("LogFormatTest - region split {reason=a \"size\"");
    assertThat(lines.get(1)).isEqualTo("of 96 MiB, region=7}");
    assertThat(lines.get(2)).endsWith("LogFormatTest - stopped");
    assertThat(lines.get(3)).contains("IllegalStateException: for a test");
  }

  private static void logTwoEvents() {
    LOG.atInfo()
        .addKeyValue("region", 7)
        .addKeyValue("reason", "a \"size\"\nof 96 MiB")
        .log("region split");
    LOG.info("stopped", new IllegalStateException("for a test"));
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(data.resolve("log").resolve("arrowraft.log"));
  }
}
