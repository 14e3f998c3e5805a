package io.arrowraft.client.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClientOptionsTest {
  @Test
  void severalAddressesAreSeparatedByCommas() {
    assertThat(ClientOptions.of("a:1, b:2").pdAddresses()).containsExactly("a:1", "b:2");
  }

  @Test
  void malformedAddressesAreRefusedByName() {
    for (String bad : new String[] {"", "host", "host:", ":1", "host:0", "host:x", "a:1,,b:2"}) {
      assertThatThrownBy(() -> ClientOptions.of(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("host:port");
    }
  }

  @Test
  void relationsBetweenTimesAreChecked() {
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new Timeouts(second.multipliedBy(2), second, second, second))
        .hasMessageContaining("request");
    assertThatThrownBy(() -> new LockTimes(second, second.multipliedBy(3), second.multipliedBy(2)))
        .hasMessageContaining("heartbeatInterval");
  }
}
