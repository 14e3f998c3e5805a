package io.arrowraft.cli.process;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import org.apache.logging.log4j.core.config.Configurator;

/** How a server process writes its log. */
public enum LogFormat {
  /** One line for each event, for people. */
  text("log4j2-process.xml"),
  /** One JSON object on a line for each event, for programs. */
  json("log4j2-process-json.xml");

  private final String configuration;

  LogFormat(String configuration) {
    this.configuration = configuration;
  }

  /** From now on this process logs so, into {@code log} in its data directory. */
  public void apply(Path dataDirectory) {
    if (System.getProperty("arrowraft.log.dir") == null) {
      System.setProperty("arrowraft.log.dir", dataDirectory.resolve("log").toString());
    }
    Configurator.reconfigure(location());
  }

  private URI location() {
    URL found = LogFormat.class.getClassLoader().getResource(configuration);
    if (found == null) {
      throw new IllegalStateException(configuration + " is missing from this program");
    }
    try {
      return found.toURI();
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
