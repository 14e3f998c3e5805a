package io.arrowraft.e2e.fault;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Commands of the operating system. */
final class Machine {
  private static final Duration BOUND = Duration.ofSeconds(20);

  /** A command that the machine does not have or did not allow. */
  static final class DeniedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DeniedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private Machine() {}

  /**
   * Runs a command to its end.
   *
   * @return what it said
   * @throws DeniedException with its words if it is not there or fails
   */
  static String run(String... command) {
    String line = String.join(" ", command);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new DeniedException("'" + line + "' does not end", null);
      }
      if (process.exitValue() != 0) {
        throw new DeniedException(
            "'%s' ended with code %d: %s".formatted(line, process.exitValue(), said.trim()), null);
      }
      return said;
    } catch (IOException absent) {
      throw new DeniedException("'" + line + "' cannot be run: " + absent.getMessage(), absent);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  /** Takes away what a test has made; whoever cannot be taken away must not hide a failure. */
  static void undo(List<String> command) {
    try {
      run(command.toArray(String[]::new));
    } catch (DeniedException gone) {
      System.out.println("NOTICE: left behind: " + gone.getMessage());
    }
  }
}
