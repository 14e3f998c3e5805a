package io.arrowraft.pd.client;

import java.time.Duration;

/**
 * The service that holds garbage collection lowest.
 *
 * @param remaining until the claim ends
 */
public record ServiceSafePoint(String service, Duration remaining, Timestamp safePoint) {}
