package io.arrowraft.pd.replication;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.pd.state.CorruptStateException;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StateWrite;
import io.arrowraft.proto.pd.MemberIdentity;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.engine.WriteBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The records of the state in an engine, with the log position and the membership up to which they
 * hold, and who this member is. Everything here blocks.
 *
 * <p>Layout: {@code p...} or {@code r...} the records, {@code g} the letter that they begin with,
 * {@code p} if it is not there, {@code a} the applied position, {@code c} the membership as of it,
 * {@code i} the identity; values begin with a version byte. A snapshot arrives under the other
 * letter, piece by piece, and takes over by a change of {@code g}.
 */
final class StateRecordStore {
  private static final ColumnFamily FAMILY = ColumnFamily.DEFAULT;
  private static final byte[] SLOT_KEY = {'g'};
  private static final byte[] APPLIED_KEY = {'a'};
  private static final byte[] MEMBERSHIP_KEY = {'c'};
  private static final byte[] IDENTITY_KEY = {'i'};
  private static final byte VERSION = 1;

  /** A position of the log. */
  record Position(long index, long term) {}

  /** Up to where records hold. */
  record Mark(Position position, Membership membership) {}

  /** Where a whole state is. The first letter of a record's key says so; all others are its own. */
  private enum Slot {
    FIRST('p'),
    SECOND('r');

    private final byte letter;

    Slot(char letter) {
      this.letter = (byte) letter;
    }

    byte[] start() {
      return new byte[] {letter};
    }

    byte[] end() {
      return new byte[] {(byte) (letter + 1)};
    }

    Slot other() {
      return this == FIRST ? SECOND : FIRST;
    }

    byte[] keyOf(ByteString record) {
      byte[] key = record.toByteArray();
      key[0] = letter;
      return key;
    }
  }

  private final Engine engine;

  /** Where the records are that hold now; changed by {@link #install} alone. */
  private volatile Slot slot;

  StateRecordStore(Engine engine) {
    this.engine = engine;
  }

  private Slot slot() {
    Slot known = slot;
    if (known == null) {
      known = slot(engine);
      slot = known;
    }
    return known;
  }

  private static Slot slot(EngineReader reader) {
    byte[] value = reader.get(FAMILY, SLOT_KEY);
    if (value == null) {
      return Slot.FIRST;
    }
    for (Slot each : Slot.values()) {
      if (value.length == 2 && value[0] == VERSION && value[1] == each.letter) {
        return each;
      }
    }
    throw new CorruptStateException(
        "where the records are has " + value.length + " bytes or an unknown version");
  }

  /** Who this member is; empty in a new directory, and in one that a group of one has written. */
  Optional<MemberIdentity> identity() {
    byte[] value = engine.get(FAMILY, IDENTITY_KEY);
    return value == null
        ? Optional.empty()
        : Optional.of(decode(value, MemberIdentity.parser(), "the identity"));
  }

  /** The position up to which the records hold; empty before the first write. */
  Optional<Position> applied() {
    return applied(engine);
  }

  private static Optional<Position> applied(EngineReader reader) {
    byte[] value = reader.get(FAMILY, APPLIED_KEY);
    if (value == null) {
      return Optional.empty();
    }
    if (value.length != 17 || value[0] != VERSION) {
      throw new CorruptStateException(
          "the applied position has " + value.length + " bytes or an unknown version");
    }
    ByteBuffer fields = ByteBuffer.wrap(value, 1, 16);
    return Optional.of(new Position(fields.getLong(), fields.getLong()));
  }

  /** The membership as of the applied position; empty where none has ever been kept. */
  Optional<Membership> membership() {
    return membership(engine);
  }

  private static Optional<Membership> membership(EngineReader reader) {
    byte[] value = reader.get(FAMILY, MEMBERSHIP_KEY);
    if (value == null) {
      return Optional.empty();
    }
    io.arrowraft.proto.raft.Membership m =
        decode(value, io.arrowraft.proto.raft.Membership.parser(), "the membership");
    return Optional.of(
        new Membership(
            new TreeSet<>(m.getVotersList()),
            new TreeSet<>(m.getOutgoingList()),
            new TreeSet<>(m.getLearnersList()),
            new TreeSet<>(m.getLearnersNextList()),
            m.getAutoLeave()));
  }

  /** All records. */
  List<StateWrite> records() {
    List<StateWrite> records = new ArrayList<>();
    try (EngineIterator iterator = iterator(engine)) {
      for (boolean found = iterator.seekToFirst(); found; found = iterator.next()) {
        records.add(record(iterator));
      }
    }
    return records;
  }

  /** The state that the records make. */
  private PdState state() {
    PdState state = new PdState();
    try (EngineIterator iterator = iterator(engine)) {
      for (boolean found = iterator.seekToFirst(); found; found = iterator.next()) {
        StateWrite record = record(iterator);
        state.load(record.key(), record.value());
      }
    }
    return state;
  }

  /** Reads records in order; the caller closes it. */
  static EngineIterator iterator(EngineReader reader) {
    Slot slot = slot(reader);
    return reader.iterator(FAMILY, IterateOptions.range(slot.start(), slot.end()));
  }

  /** The record at which an iterator is, as {@link StateWrite}s name it wherever it is kept. */
  static StateWrite record(EngineIterator at) {
    return new StateWrite(
        UnsafeByteOperations.unsafeWrap(
            Slot.FIRST.keyOf(UnsafeByteOperations.unsafeWrap(at.key()))),
        UnsafeByteOperations.unsafeWrap(at.value()));
  }

  /** Freezes everything as of one batch; the caller closes it. */
  EngineSnapshot snapshot() {
    return engine.snapshot();
  }

  /** Up to where the records of a snapshot hold; empty if there is no such point yet. */
  static Optional<Mark> mark(EngineReader snapshot) {
    Optional<Position> position = applied(snapshot);
    Optional<Membership> membership = membership(snapshot);
    return position.isPresent() && membership.isPresent()
        ? Optional.of(new Mark(position.get(), membership.get()))
        : Optional.empty();
  }

  /** Keeps who this member is, durably, with records that it begins with. */
  void begin(MemberIdentity identity, List<StateWrite> records, Optional<Mark> mark) {
    WriteBatch batch = new WriteBatch();
    batch.put(FAMILY, IDENTITY_KEY, encode(identity));
    add(records, slot(), batch);
    mark.ifPresent(m -> add(m, batch));
    engine.write(batch, true);
  }

  /** Stores what changed up to {@code mark}, all or nothing; durable with the next sync. */
  void save(List<StateWrite> writes, Mark mark) {
    WriteBatch batch = new WriteBatch();
    add(writes, slot(), batch);
    add(mark, batch);
    engine.write(batch, false);
  }

  /** Throws away what has been staged. */
  void dropStaged() {
    Slot staging = slot().other();
    WriteBatch batch = new WriteBatch();
    batch.deleteRange(FAMILY, staging.start(), staging.end());
    engine.write(batch, false);
  }

  /** Keeps records beside those that hold. */
  void stage(List<StateWrite> records) {
    WriteBatch batch = new WriteBatch();
    add(records, slot().other(), batch);
    engine.write(batch, false);
  }

  /**
   * Lets what has been staged take the place of all records, durably, all or nothing.
   *
   * @return the state that it makes
   */
  PdState install(Mark mark) {
    Slot staged = slot().other();
    WriteBatch batch = new WriteBatch();
    batch.put(FAMILY, SLOT_KEY, new byte[] {VERSION, staged.letter});
    add(mark, batch);
    // Syncs the pieces too, which were written before.
    engine.write(batch, true);
    slot = staged;
    dropStaged();
    return state();
  }

  /** Makes everything saved so far durable. */
  void sync() {
    engine.sync();
  }

  private static void add(List<StateWrite> writes, Slot slot, WriteBatch batch) {
    for (StateWrite write : writes) {
      byte[] key = slot.keyOf(write.key());
      ByteString value = write.value();
      if (value == null) {
        batch.delete(FAMILY, key);
      } else {
        batch.put(FAMILY, key, value.toByteArray());
      }
    }
  }

  private static void add(Mark mark, WriteBatch batch) {
    batch.put(
        FAMILY,
        APPLIED_KEY,
        ByteBuffer.allocate(17)
            .put(VERSION)
            .putLong(mark.position().index())
            .putLong(mark.position().term())
            .array());
    Membership m = mark.membership();
    batch.put(
        FAMILY,
        MEMBERSHIP_KEY,
        encode(
            io.arrowraft.proto.raft.Membership.newBuilder()
                .addAllVoters(m.voters())
                .addAllOutgoing(m.outgoing())
                .addAllLearners(m.learners())
                .addAllLearnersNext(m.learnersNext())
                .setAutoLeave(m.autoLeave())
                .build()));
  }

  private static byte[] encode(MessageLite message) {
    return ByteBuffer.allocate(1 + message.getSerializedSize())
        .put(VERSION)
        .put(message.toByteArray())
        .array();
  }

  private static <M> M decode(byte[] value, Parser<M> parser, String what) {
    if (value.length == 0 || value[0] != VERSION) {
      throw new CorruptStateException(what + " has an unknown version");
    }
    try {
      return parser.parseFrom(value, 1, value.length - 1);
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptStateException(what + " cannot be parsed: " + e.getMessage());
    }
  }
}
