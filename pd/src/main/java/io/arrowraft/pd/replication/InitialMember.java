package io.arrowraft.pd.replication;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One of the members that begin a group together.
 *
 * @param name unlike that of any other member
 * @param address {@code host:port} of clients and of other members
 */
public record InitialMember(String name, String address) {
  /** Set in every id that comes from a name, so that none meets an id from the pool. */
  private static final long NAMED = 1L << 62;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  public InitialMember {
    if (name.isBlank() || address.lastIndexOf(':') <= 0) {
      throw new IllegalArgumentException(
          "a member needs a name and host:port, such as pd-1=127.0.0.1:2379, not '"
              + name
              + "="
              + address
              + "'");
    }
  }

  /** The member's id: all that begin together draw the same one from its name (FNV-1a). */
  public long id() {
    long hash = FNV_OFFSET;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return (hash & (NAMED - 1)) | NAMED;
  }

  /**
   * Reads {@code name=host:port,name=host:port}; a scheme before the host is left out.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static List<InitialMember> parse(String text) {
    List<InitialMember> members = new ArrayList<>();
    Set<Long> ids = new LinkedHashSet<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String address = part.substring(equals + 1).strip().replaceFirst("^https?://", "");
      InitialMember member =
          new InitialMember(equals < 0 ? "" : part.substring(0, equals).strip(), address);
      if (!ids.add(member.id())) {
        throw new IllegalArgumentException("two members have the name " + member.name());
      }
      members.add(member);
    }
    return List.copyOf(members);
  }
}
