package io.arrowraft.client.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.RoutingException;
import io.arrowraft.client.options.ClientOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class GrpcClientsTest {
  @Test
  void connectingToNobodySaysSoWithinSeconds() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    assertThatThrownBy(() -> ArrowraftClient.connect(ClientOptions.of("127.0.0.1:" + port)))
        .isInstanceOf(RoutingException.class)
        .hasMessageContaining("127.0.0.1:" + port)
        .satisfies(
            failure ->
                assertThat(((RoutingException) failure).code())
                    .isEqualTo(ErrorCode.PLACEMENT_UNREACHABLE));
  }
}
