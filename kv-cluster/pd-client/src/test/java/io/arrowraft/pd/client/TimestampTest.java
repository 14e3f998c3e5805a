package io.arrowraft.pd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class TimestampTest {

  @Property
  void partsComeBack(
      @ForAll @LongRange(max = (1L << 46) - 1) long physical,
      @ForAll @LongRange(max = (1L << 18) - 1) long logical) {
    Timestamp timestamp = Timestamp.of(physical, logical);
    assertThat(timestamp.physicalMillis()).isEqualTo(physical);
    assertThat(timestamp.logical()).isEqualTo(logical);
  }

  @Test
  void orderIsUnsigned() {
    assertThat(Timestamp.MAX).isGreaterThan(Timestamp.of(1, 0));
    assertThat(Timestamp.of(1, 0).previous()).isLessThan(Timestamp.of(1, 0));
    assertThat(Timestamp.of(1, (1 << 18) - 1).next()).isEqualTo(Timestamp.of(2, 0));
  }

  @Test
  void partsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> Timestamp.of(1, 1 << 18)).hasMessageContaining("logical part");
    assertThatThrownBy(() -> Timestamp.of(-1, 0)).hasMessageContaining("physical part");
  }

  @Test
  void addressesComeWithOrWithoutScheme() {
    assertThat(PdClientConfig.defaults("http://a:1/, b:2").addresses())
        .containsExactly("a:1", "b:2");
    assertThatThrownBy(() -> PdClientConfig.defaults("nonsense"))
        .isInstanceOf(PdException.class)
        .hasMessageContaining("'nonsense' is not an address");
    assertThatThrownBy(() -> PdClientConfig.defaults(" "))
        .hasMessageContaining("no address of a placement driver is given");
  }
}
