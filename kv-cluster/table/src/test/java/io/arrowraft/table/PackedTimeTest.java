package io.arrowraft.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PackedTimeTest {
  private static final long FIRST_DAY = LocalDate.of(1, 1, 1).toEpochDay();
  private static final long LAST_DAY = LocalDate.of(9999, 12, 31).toEpochDay();

  @Test
  void everyDayReturns() {
    for (long day = FIRST_DAY; day <= LAST_DAY; day++) {
      if (PackedTime.toEpochDay(PackedTime.ofEpochDay(day)) != day) {
        throw new AssertionError("day " + day + " came back different");
      }
    }
  }

  @Property(tries = 1000)
  void instantsOrderAndReturn(
      @ForAll @LongRange(min = -62_135_596_800_000_000L, max = 253_402_300_799_999_999L) long a,
      @ForAll @LongRange(min = -62_135_596_800_000_000L, max = 253_402_300_799_999_999L) long b) {
    assertThat(PackedTime.toMicros(PackedTime.ofMicros(a))).isEqualTo(a);
    assertThat(Long.compare(PackedTime.ofMicros(a), PackedTime.ofMicros(b)))
        .isEqualTo(Long.compare(a, b));
  }

  @Test
  void packedFieldsLieWhereTheFormatSays() {
    long packed = PackedTime.ofEpochDay(LocalDate.of(1998, 9, 2).toEpochDay());
    assertThat(packed >>> 46).isEqualTo(1998L * 13 + 9);
    assertThat(packed >>> 41 & 31).isEqualTo(2);
    assertThat(packed & (1L << 41) - 1).isZero();
  }

  @Test
  void yearsBeyondTheCalendarAreRefused() {
    assertThatThrownBy(() -> PackedTime.ofEpochDay(FIRST_DAY - 1))
        .isInstanceOf(ValueException.class);
    assertThatThrownBy(() -> PackedTime.ofEpochDay(LAST_DAY + 1))
        .isInstanceOf(ValueException.class);
    assertThatThrownBy(() -> PackedTime.toEpochDay(0)).isInstanceOf(CorruptRowException.class);
  }
}
