package io.arrowraft.storage.mvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.EngineException;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Golden bytes of TiKV's record formats, worked out by hand from their published description. */
class RecordFormatTest {
  private static final Bytes PRIMARY = Bytes.ofUtf8("pk");

  @Test
  void aPlainLockHasPrimaryStartAndTtl() {
    Lock lock = Lock.twoPhase(LockType.DELETE, PRIMARY, 300, 3_000, null, 0, 0);

    // 'D', length 2 as zigzag varint, "pk", 300 and 3000 as varints
    same(lock, "44" + "04706b" + "ac02" + "b817");
  }

  @Test
  void aPutLockCarriesShortValueSizeAndMinCommitTs() {
    Lock lock = Lock.twoPhase(LockType.PUT, PRIMARY, 5, 1, Bytes.ofUtf8("val"), 16, 6);

    same(
        lock,
        "50"
            + "04706b"
            + "05"
            + "01"
            + "76"
            + "03"
            + "76616c"
            + "74"
            + "0000000000000010"
            + "63"
            + "0000000000000006");
  }

  @Test
  void everyOptionalFieldHasItsTagInOrder() {
    Lock lock =
        new Lock(
            LockType.PESSIMISTIC,
            PRIMARY,
            5,
            1,
            Bytes.EMPTY,
            7,
            2,
            8,
            true,
            List.of(Bytes.ofUtf8("s1"), Bytes.EMPTY),
            List.of(9L, -1L),
            200,
            true,
            3,
            Bytes.EMPTY);

    same(
        lock,
        "53"
            + "04706b"
            + "05"
            + "01"
            + "7600"
            + "66"
            + "0000000000000007"
            + "74"
            + "0000000000000002"
            + "63"
            + "0000000000000008"
            + "61"
            + "02"
            + "047331"
            + "00"
            + "72"
            + "02"
            + "0000000000000009"
            + "ffffffffffffffff"
            + "73"
            + "c801"
            + "46"
            + "67"
            + "0000000000000003");
  }

  @Test
  void unknownFieldsOfALockSurviveAnUpdate() {
    byte[] stored = hex("50" + "04706b" + "05" + "01" + "63" + "0000000000000006" + "7a0102");
    Lock lock = Lock.decode(stored);

    assertThat(lock.unknownTail()).isEqualTo(Bytes.wrap(hex("7a0102")));
    assertThat(lock.withMinCommitTs(9).encode())
        .isEqualTo(hex("50" + "04706b" + "05" + "01" + "63" + "0000000000000009" + "7a0102"));
  }

  @Test
  void theLastChangeHintIsReadOverInBothRecords() {
    Lock lock =
        Lock.decode(hex("4c" + "04706b" + "05" + "01" + "6c" + "0000000000000004" + "02" + "7305"));
    Write write = Write.decode(hex("4c" + "05" + "6c" + "0000000000000004" + "02" + "5305"));

    assertThat(lock.txnSource()).isEqualTo(5);
    assertThat(write.txnSource()).isEqualTo(5);
    assertThat(write.unknownTail()).isEqualTo(Bytes.EMPTY);
  }

  @Test
  void aLockWithoutTtlIsReadable() {
    assertThat(Lock.decode(hex("50" + "04706b" + "05")).ttlMillis()).isZero();
  }

  @Test
  void writesHaveTypeStartAndShortValue() {
    same(write(WriteType.PUT, 300, Bytes.ofUtf8("v")), "50" + "ac02" + "76" + "01" + "76");
    same(write(WriteType.PUT, 300, null), "50" + "ac02");
    same(write(WriteType.DELETE, 1, null), "44" + "01");
    same(write(WriteType.LOCK, 1, null), "4c" + "01");
    same(write(WriteType.PUT, -1, null), "50" + "ffffffffffffffffff01");
  }

  @Test
  void rollbacksSayWhetherTheyAreProtected() {
    same(Write.rollback(5, true), "52" + "05" + "76" + "01" + "70");
    same(Write.rollback(5, false), "52" + "05");
    assertThat(Write.decode(hex("5205760170")).isProtectedRollback()).isTrue();
    assertThat(Write.decode(hex("5205")).isProtectedRollback()).isFalse();
    assertThat(Write.decode(hex("5005760170")).isProtectedRollback()).isFalse();
  }

  @Test
  void overlapsCarryAFenceThatMayBeZero() {
    Write put = write(WriteType.PUT, 5, Bytes.ofUtf8("v"));

    same(put.withOverlappedRollback(0), "50" + "05" + "760176" + "52" + "46" + "0000000000000000");
    same(put.withOverlappedRollback(7), "50" + "05" + "760176" + "52" + "46" + "0000000000000007");
    assertThat(put.gcFence()).isEqualTo(OptionalLong.empty());
  }

  @Test
  void unknownFieldsOfAWriteSurvive() {
    Write write = Write.decode(hex("50" + "05" + "760176" + "7a52"));

    assertThat(write.overlappedRollback()).isFalse();
    assertThat(write.encode()).isEqualTo(hex("50" + "05" + "760176" + "7a52"));
  }

  @Test
  void malformedRecordsAreCorruptionAndSaySo() {
    for (String malformed : List.of("", "58", "50", "5004706b", "5004706b0501760a01", "500370")) {
      assertThatThrownBy(() -> Lock.decode(hex(malformed)))
          .as("lock " + malformed)
          .isInstanceOfSatisfying(
              EngineException.class,
              e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.CORRUPTION))
          .hasMessageContaining("malformed lock record");
    }
    for (String malformed : List.of("", "58", "50", "50057605", "5005460000")) {
      assertThatThrownBy(() -> Write.decode(hex(malformed)))
          .as("write " + malformed)
          .hasMessageContaining("malformed write record");
    }
  }

  private static Write write(WriteType type, long startTs, Bytes value) {
    return new Write(type, startTs, value, false, OptionalLong.empty(), 0, Bytes.EMPTY);
  }

  private static void same(Lock lock, String stored) {
    assertThat(HexFormat.of().formatHex(lock.encode())).isEqualTo(stored);
    assertThat(Lock.decode(hex(stored))).isEqualTo(lock);
  }

  private static void same(Write write, String stored) {
    assertThat(HexFormat.of().formatHex(write.encode())).isEqualTo(stored);
    assertThat(Write.decode(hex(stored))).isEqualTo(write);
    assertThat(WriteType.ofRecord(hex(stored))).isEqualTo(write.type());
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
