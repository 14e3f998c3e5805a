package io.arrowraft.server.state;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.arrowraft.runtime.InvariantViolation;

/** The frame of persisted and replicated values: one byte of format version, then a message. */
public final class Versioned {
  private static final byte VERSION = 1;

  private Versioned() {}

  public static byte[] encode(MessageLite message) {
    byte[] body = message.toByteArray();
    byte[] framed = new byte[body.length + 1];
    framed[0] = VERSION;
    System.arraycopy(body, 0, framed, 1, body.length);
    return framed;
  }

  /**
   * @throws InvariantViolation if the bytes are damaged or of an unknown version: the node cannot
   *     go on without what they say
   */
  public static <T extends MessageLite> T decode(byte[] framed, Parser<T> parser) {
    if (framed.length == 0 || framed[0] != VERSION) {
      throw new InvariantViolation(
          "stored value of an unknown version",
          "version",
          framed.length == 0 ? "none" : framed[0],
          "known",
          VERSION);
    }
    try {
      return parser.parseFrom(framed, 1, framed.length - 1);
    } catch (InvalidProtocolBufferException malformed) {
      throw new InvariantViolation(
          "stored value is malformed", "bytes", framed.length, "reason", malformed.getMessage());
    }
  }
}
