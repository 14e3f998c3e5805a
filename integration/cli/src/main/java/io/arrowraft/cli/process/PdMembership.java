package io.arrowraft.cli.process;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

/**
 * Which placement drivers a cluster's data belongs to: those that began together, and those that
 * have joined since. Kept beside the data, since a member that begins and a member that joins are
 * started with different words.
 *
 * @param began how many began together, pd-1 and so on
 * @param members how many there are
 */
record PdMembership(int began, int members) {
  private static final String FILE = "placement-drivers";
  private static final String BEGAN = "began";
  private static final String MEMBERS = "members";

  /**
   * What the data says, grown to what is asked for.
   *
   * @param layout how many are asked for; 0: as many as there are, or one
   * @throws IllegalArgumentException if fewer are asked for than there are
   */
  static PdMembership open(ClusterLayout layout) throws IOException {
    Path file = layout.data().resolve(FILE);
    PdMembership found;
    if (Files.exists(file)) {
      found = read(file);
    } else if (Files.exists(layout.pdData(1))) {
      found = new PdMembership(1, 1);
    } else {
      int count = Math.max(1, layout.placementDrivers());
      found = new PdMembership(count, count);
    }
    int asked = layout.placementDrivers();
    if (asked != 0 && asked < found.members()) {
      throw new IllegalArgumentException(
          "%s holds %d placement drivers; start it with --pd %d"
              .formatted(layout.data(), found.members(), found.members()));
    }
    PdMembership now = new PdMembership(found.began(), Math.max(asked, found.members()));
    now.write(file);
    return now;
  }

  private static PdMembership read(Path file) throws IOException {
    Properties properties = new Properties();
    properties.load(new StringReader(Files.readString(file, StandardCharsets.UTF_8)));
    try {
      return new PdMembership(
          Integer.parseInt(properties.getProperty(BEGAN, "")),
          Integer.parseInt(properties.getProperty(MEMBERS, "")));
    } catch (NumberFormatException damaged) {
      throw new IllegalArgumentException(
          file + " does not say which placement drivers there are", damaged);
    }
  }

  private void write(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Path draft = file.resolveSibling(FILE + ".new");
    Files.writeString(
        draft, "%s=%d%n%s=%d%n".formatted(BEGAN, began, MEMBERS, members), StandardCharsets.UTF_8);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
