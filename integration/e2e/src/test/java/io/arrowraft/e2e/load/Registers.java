package io.arrowraft.e2e.load;

import io.arrowraft.runtime.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A few registers that several workers share, and their histories. */
public final class Registers {
  private static final int COUNT = 4;
  private static final Path HISTORIES = Path.of("target", "histories");

  private final String name;
  private final List<RegisterHistory> histories;

  Registers(String name) {
    this.name = name;
    this.histories =
        IntStream.range(0, COUNT).mapToObj(i -> new RegisterHistory("register " + i)).toList();
  }

  public static int count() {
    return COUNT;
  }

  public Bytes key(int register) {
    return Bytes.ofUtf8("register-%s-%d".formatted(name, register));
  }

  RegisterHistory history(int register) {
    return histories.get(register);
  }

  /** Notes what somebody beside the load has read. */
  public void saw(
      String who, int register, Optional<Bytes> value, long invokedNanos, long returnedNanos) {
    histories.get(register).saw(who, text(value), invokedNanos, returnedNanos);
  }

  static String text(Optional<Bytes> value) {
    return value
        .map(bytes -> new String(bytes.toByteArray(), StandardCharsets.UTF_8))
        .orElse(RegisterHistory.ABSENT);
  }

  /** Violations; leaves the histories in a file, whether or not there are any. */
  List<String> judge() {
    List<String> wrong = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (RegisterHistory history : histories) {
      history.violation().ifPresent(wrong::add);
      lines.addAll(history.lines());
    }
    try {
      Files.createDirectories(HISTORIES);
      Files.write(HISTORIES.resolve("registers-" + name + ".txt"), lines);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return wrong;
  }
}
