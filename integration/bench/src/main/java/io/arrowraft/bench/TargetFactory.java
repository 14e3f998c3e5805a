package io.arrowraft.bench;

import java.nio.file.Path;

/** Opens a store under test; implementations have a constructor without parameters. */
public interface TargetFactory {
  /**
   * Opens the store and waits until it serves.
   *
   * @param directory empty
   * @param regions into which to divide the keys evenly
   */
  KeyValueTarget open(Path directory, int regions);
}
