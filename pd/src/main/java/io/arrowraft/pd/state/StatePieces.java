package io.arrowraft.pd.state;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.pd.StateSnapshot;
import java.util.List;

/** Records on their way to a member that is too far behind for the log. */
public final class StatePieces {
  private StatePieces() {}

  /** Bytes that {@link #decode} reads back. */
  public static ByteString encode(List<StateWrite> records) {
    StateSnapshot.Builder piece = StateSnapshot.newBuilder();
    for (StateWrite record : records) {
      piece.addRecordsBuilder().setKey(record.key()).setValue(record.value());
    }
    return Versioned.encode(piece.build());
  }

  /**
   * Reads a piece.
   *
   * @throws CorruptStateException if the bytes are no piece of a known version
   */
  public static List<StateWrite> decode(ByteString bytes) {
    return Versioned.decode(bytes, StateSnapshot.parser(), "a piece of a snapshot")
        .getRecordsList()
        .stream()
        .map(record -> new StateWrite(record.getKey(), record.getValue()))
        .toList();
  }
}
