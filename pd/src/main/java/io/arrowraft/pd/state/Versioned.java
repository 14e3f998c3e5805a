package io.arrowraft.pd.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;

/** The frame of everything that is persisted: one version byte, then the message. */
final class Versioned {
  private static final byte VERSION = 1;
  private static final ByteString PREFIX = ByteString.copyFrom(new byte[] {VERSION});

  private Versioned() {}

  static ByteString encode(MessageLite message) {
    return PREFIX.concat(message.toByteString());
  }

  static <M> M decode(ByteString bytes, Parser<M> parser, String what) {
    if (bytes.isEmpty() || bytes.byteAt(0) != VERSION) {
      String found = bytes.isEmpty() ? "none" : Integer.toString(bytes.byteAt(0));
      throw new CorruptStateException(
          what + " has format version " + found + ", this program reads " + VERSION);
    }
    try {
      return parser.parseFrom(bytes.substring(1));
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptStateException(what + " of " + bytes.size() + " bytes cannot be parsed", e);
    }
  }
}
