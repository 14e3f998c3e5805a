package io.arrowraft.storage.engine;

import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Stored bytes are not what was written. It says whose they are as far as that is known: a replica
 * that is named stops serving and is replaced; when none is, the whole node is in doubt.
 */
public final class CorruptDataException extends EngineException {
  private static final long serialVersionUID = 1L;

  private final transient Optional<Damage> damage;
  private final boolean grouped;
  private final long group;

  /**
   * Where damage was met.
   *
   * @param start first key of the damaged range; the key itself when it is known
   * @param end first key after it; empty: to the end of the family
   */
  public record Damage(ColumnFamily family, byte[] start, byte[] end) {
    @Override
    public String toString() {
      HexFormat hex = HexFormat.of().withUpperCase();
      return family + "[" + hex.formatHex(start) + ", " + hex.formatHex(end) + ")";
    }
  }

  private CorruptDataException(
      String message, Throwable cause, boolean grouped, long group, Optional<Damage> damage) {
    super(Kind.CORRUPTION, message, cause);
    this.grouped = grouped;
    this.group = group;
    this.damage = damage;
  }

  /** Damage that no key describes. */
  public static CorruptDataException unplaced(String message, Throwable cause) {
    return new CorruptDataException(message, cause, false, 0, Optional.empty());
  }

  /** Damage met while reading keys of an engine. */
  public static CorruptDataException at(Damage damage, String message, Throwable cause) {
    return new CorruptDataException(
        message + ", at " + damage, cause, false, 0, Optional.of(damage));
  }

  /** Damage in the log of one Raft group, whose id is its region's. */
  public static CorruptDataException ofGroup(long groupId, String message) {
    return ofGroup(groupId, message, null);
  }

  /** The same, met by the engine below the log. */
  public static CorruptDataException ofGroup(long groupId, String message, Throwable cause) {
    return new CorruptDataException(message, cause, true, groupId, Optional.empty());
  }

  /** The Raft group whose log is damaged; empty if it is not a log, or not known. */
  public OptionalLong group() {
    return grouped ? OptionalLong.of(group) : OptionalLong.empty();
  }

  /** The keys that cannot be read; empty if they are not known. */
  public Optional<Damage> damage() {
    return damage == null ? Optional.empty() : damage;
  }
}
