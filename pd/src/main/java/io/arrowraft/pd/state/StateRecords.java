package io.arrowraft.pd.state;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.pd.MemberRecord;
import io.arrowraft.proto.pd.Meta;
import io.arrowraft.proto.pd.ServiceSafePoint;
import io.arrowraft.proto.pd.Setting;
import java.nio.ByteBuffer;

/**
 * Keys and values of the stored records.
 *
 * <p>Layout: {@code p m} the meta record; {@code p s <id>} a store, {@code p r <id>} a region,
 * {@code p h <service>} a service's hold, {@code p c <name>} a setting, {@code p n <id>} a member;
 * ids are 8 bytes, big endian.
 */
final class StateRecords {
  private static final byte SPACE = 'p';
  private static final byte META = 'm';
  private static final byte STORE = 's';
  private static final byte REGION = 'r';
  private static final byte HOLD = 'h';
  private static final byte SETTING = 'c';
  private static final byte MEMBER = 'n';

  static final ByteString META_KEY = ByteString.copyFrom(new byte[] {SPACE, META});

  private StateRecords() {}

  static StateWrite put(Meta meta) {
    return new StateWrite(META_KEY, Versioned.encode(meta));
  }

  static StateWrite put(Store store) {
    return new StateWrite(idKey(STORE, store.getId()), Versioned.encode(store));
  }

  static StateWrite put(Region region) {
    return new StateWrite(idKey(REGION, region.getId()), Versioned.encode(region));
  }

  static StateWrite deleteStore(long id) {
    return new StateWrite(idKey(STORE, id), null);
  }

  static StateWrite deleteRegion(long id) {
    return new StateWrite(idKey(REGION, id), null);
  }

  static StateWrite put(MemberRecord member) {
    return new StateWrite(idKey(MEMBER, member.getId()), Versioned.encode(member));
  }

  static StateWrite deleteMember(long id) {
    return new StateWrite(idKey(MEMBER, id), null);
  }

  static StateWrite put(ServiceHold hold) {
    return new StateWrite(
        holdKey(hold.service()),
        Versioned.encode(
            ServiceSafePoint.newBuilder()
                .setService(hold.service())
                .setSafePoint(hold.safePoint())
                .setExpiresAt(hold.expiresAt())
                .build()));
  }

  static StateWrite deleteHold(ByteString service) {
    return new StateWrite(holdKey(service), null);
  }

  static StateWrite put(String setting, String value) {
    return new StateWrite(
        settingKey(setting),
        Versioned.encode(Setting.newBuilder().setName(setting).setValue(value).build()));
  }

  static StateWrite deleteSetting(String setting) {
    return new StateWrite(settingKey(setting), null);
  }

  /** Hands one stored record to the state that is being loaded. */
  static void load(ByteString key, ByteString value, Loading state) {
    if (key.size() < 2 || key.byteAt(0) != SPACE) {
      throw new CorruptStateException(
          "a stored record has a foreign key of " + key.size() + " bytes");
    }
    switch (key.byteAt(1)) {
      case META -> state.meta(Versioned.decode(value, Meta.parser(), "the meta record"));
      case STORE -> state.store(Versioned.decode(value, Store.parser(), "a store record"));
      case REGION -> state.region(Versioned.decode(value, Region.parser(), "a region record"));
      case HOLD -> {
        ServiceSafePoint m =
            Versioned.decode(value, ServiceSafePoint.parser(), "a service safe point");
        state.hold(new ServiceHold(m.getService(), m.getSafePoint(), m.getExpiresAt()));
      }
      case SETTING -> {
        Setting m = Versioned.decode(value, Setting.parser(), "a setting");
        state.setting(m.getName(), m.getValue());
      }
      case MEMBER ->
          state.member(Versioned.decode(value, MemberRecord.parser(), "a member record"));
      default ->
          throw new CorruptStateException("a stored record is of unknown kind " + key.byteAt(1));
    }
  }

  /** Receives the records of a load, in any order. */
  interface Loading {
    void meta(Meta meta);

    void store(Store store);

    void region(Region region);

    void hold(ServiceHold hold);

    void setting(String name, String value);

    void member(MemberRecord member);
  }

  private static ByteString idKey(byte kind, long id) {
    return ByteString.copyFrom(ByteBuffer.allocate(10).put(SPACE).put(kind).putLong(id).flip());
  }

  private static ByteString settingKey(String name) {
    return ByteString.copyFrom(new byte[] {SPACE, SETTING}).concat(ByteString.copyFromUtf8(name));
  }

  private static ByteString holdKey(ByteString service) {
    return ByteString.copyFrom(new byte[] {SPACE, HOLD}).concat(service);
  }
}
