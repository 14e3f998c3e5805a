package io.arrowraft.client.grpc;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.RoutingException;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.pd.client.PdException;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.FaultHandler;
import io.arrowraft.runtime.threads.SystemRandom;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes clients that own their threads and connections. */
public final class GrpcClients {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcClients.class);

  private GrpcClients() {}

  /** As {@link #connect(ClientOptions, MeterRegistry)}, without metrics. */
  public static ArrowraftClient connect(ClientOptions options) {
    return connect(options, new CompositeMeterRegistry());
  }

  /**
   * Connects and waits for the placement driver's first answer.
   *
   * @param meters takes the client's metrics
   * @throws RoutingException if nobody answers at the addresses
   */
  public static ArrowraftClient connect(ClientOptions options, MeterRegistry meters) {
    FaultHandler faults =
        (component, cause) ->
            LOG.error("a part of the client has stopped: component={}", component, cause);
    ThreadLoopFactory loops = new ThreadLoopFactory("arrowraft", faults);
    GrpcRpcClient rpc = new GrpcRpcClient("arrowraft", GrpcTransportOptions.defaults());
    Environment environment =
        new Environment(SystemTime.INSTANCE, new SystemRandom(), loops, faults, meters);
    ArrowraftClient client =
        new ArrowraftClient(
            environment,
            rpc,
            options,
            () -> {
              // In this order: what the loop still sends must find the transport's threads alive.
              loops.close();
              rpc.close();
            });
    try {
      client.await(client.placement().clusterId());
      return client;
    } catch (PdException refused) {
      client.close();
      throw refused.retryable()
          ? new RoutingException(ErrorCode.PLACEMENT_UNREACHABLE, refused.getMessage(), refused)
          : new InvalidRequestException(ErrorCode.REQUEST_REFUSED, refused.getMessage(), refused);
    } catch (RuntimeException failed) {
      client.close();
      throw failed;
    }
  }
}
