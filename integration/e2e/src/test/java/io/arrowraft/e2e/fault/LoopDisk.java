package io.arrowraft.e2e.fault;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A small disk of its own: a file system on a loop device whose file lies in a bounded tmpfs. It
 * can be full, it can stall (a frozen file system lets no write or sync through), and it can fail
 * (the tmpfs has no room for what the device promised, so that syncs end with an error).
 */
final class LoopDisk implements AutoCloseable {
  private static final String BACKING = "disk.img";
  private static final int PIECE_BYTES = 4 << 10;
  private static final long MOST_BYTES = 4L << 30;

  private final Path backing;
  private final Path mounted;
  private final List<List<String>> undo = new ArrayList<>();
  private boolean frozen;

  private LoopDisk(Path backing, Path mounted) {
    this.backing = backing;
    this.mounted = mounted;
  }

  /**
   * Makes and mounts a disk.
   *
   * @param root a directory for both mounts
   * @param diskMib size that the disk claims
   * @param roomMib what there really is; less than {@code diskMib} makes a disk that fails late
   * @throws Machine.DeniedException if the machine does not allow it; nothing is left then
   */
  static LoopDisk open(Path root, int diskMib, int roomMib) {
    LoopDisk disk = new LoopDisk(root.resolve("backing"), root.resolve("disk"));
    try {
      disk.build(diskMib, roomMib);
      return disk;
    } catch (Machine.DeniedException denied) {
      disk.close();
      throw denied;
    }
  }

  private void build(int diskMib, int roomMib) {
    try {
      Files.createDirectories(backing);
      Files.createDirectories(mounted);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    mount("mount", "-t", "tmpfs", "-o", "size=" + roomMib + "m", "tmpfs", backing.toString());
    Path image = backing.resolve(BACKING);
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((long) diskMib << 20);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    String device = Machine.run("losetup", "-f", "--show", image.toString()).strip();
    undo.add(0, List.of("losetup", "-d", device));
    // Everything laid out lazily, so that the real room goes to the files.
    Machine.run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", device);
    mount("mount", device, mounted.toString());
  }

  private void mount(String... command) {
    Machine.run(command);
    undo.add(0, List.of("umount", command[command.length - 1]));
  }

  /** Where files go. */
  Path path() {
    return mounted;
  }

  /** Takes up what is left on the disk. */
  void fill() {
    takeUpAll(mounted.resolve("ballast"));
  }

  /** Gives back what {@link #fill} took. */
  void empty() {
    try {
      Files.deleteIfExists(mounted.resolve("ballast"));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** From now on no write and no sync comes back. */
  void freeze() {
    Machine.run("fsfreeze", "-f", mounted.toString());
    frozen = true;
  }

  /** Lets everything through that has waited; nothing if nothing has. */
  void thaw() {
    if (frozen) {
      Machine.run("fsfreeze", "-u", mounted.toString());
      frozen = false;
    }
  }

  /** Leaves the device nothing to write to: what is synced from now on fails. */
  void exhaust() {
    takeUpAll(backing.resolve("ballast"));
  }

  /** Others write too, so nobody can say before how much is left. */
  private static void takeUpAll(Path ballast) {
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    try (FileChannel channel =
        FileChannel.open(ballast, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      while (channel.position() < MOST_BYTES) {
        channel.write(piece.clear());
      }
      throw new IllegalStateException("there is no end to " + ballast);
    } catch (IOException full) {
      return;
    }
  }

  @Override
  public void close() {
    thaw();
    undo.forEach(Machine::undo);
    undo.clear();
  }
}
