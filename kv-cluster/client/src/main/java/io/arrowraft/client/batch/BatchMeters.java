package io.arrowraft.client.batch;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * What the batches of a client amount to.
 *
 * @param requests requests in each batch that was sent
 * @param alone requests that a store could answer only on a call of their own
 * @param streams streams that were opened
 */
record BatchMeters(DistributionSummary requests, Counter alone, Counter streams) {
  static BatchMeters register(MeterRegistry registry) {
    return new BatchMeters(
        DistributionSummary.builder("arrowraft_client_batch_requests")
            .description("Requests in one batch")
            .register(registry),
        Counter.builder("arrowraft_client_batch_alone_total")
            .description("Batched requests that had to be sent again on a call of their own")
            .register(registry),
        Counter.builder("arrowraft_client_batch_streams_total")
            .description("Streams opened for batches")
            .register(registry));
  }
}
