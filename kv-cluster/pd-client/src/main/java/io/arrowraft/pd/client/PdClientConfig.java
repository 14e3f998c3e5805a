package io.arrowraft.pd.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Settings of a client.
 *
 * @param addresses {@code host:port} of one or more placement drivers
 * @param clusterId the cluster that must answer; 0: whichever answers first
 * @param connectTimeout how long the first contact may take
 * @param callTimeout how long a call may take with all its retries
 * @param attemptTimeout how long one attempt may take
 * @param backoffMin pause before the first retry; doubles each time
 * @param backoffMax longest pause between retries
 * @param timestampWaitersMax callers that may wait for a timestamp at once
 */
public record PdClientConfig(
    List<String> addresses,
    long clusterId,
    Duration connectTimeout,
    Duration callTimeout,
    Duration attemptTimeout,
    Duration backoffMin,
    Duration backoffMax,
    int timestampWaitersMax) {
  public PdClientConfig {
    if (addresses.isEmpty()) {
      throw new PdException(
          PdException.Code.REJECTED,
          "no address of a placement driver is given; expected host:port, such as 127.0.0.1:2379");
    }
    addresses = addresses.stream().map(PdClientConfig::normalise).distinct().toList();
    if (backoffMin.isZero() || backoffMin.isNegative() || backoffMin.compareTo(backoffMax) > 0) {
      throw new IllegalArgumentException(
          "backoff must grow from a positive minimum: min=" + backoffMin + ", max=" + backoffMax);
    }
    if (attemptTimeout.compareTo(callTimeout) > 0) {
      throw new IllegalArgumentException(
          "an attempt may not outlast its call: attempt="
              + attemptTimeout
              + ", call="
              + callTimeout);
    }
    if (timestampWaitersMax < 1) {
      throw new IllegalArgumentException("timestampWaitersMax is " + timestampWaitersMax);
    }
  }

  /**
   * Five seconds to connect, twenty for a call of attempts of three, pauses from 20 ms to 500 ms.
   */
  public static PdClientConfig defaults(List<String> addresses) {
    return new PdClientConfig(
        addresses,
        0,
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        Duration.ofSeconds(3),
        Duration.ofMillis(20),
        Duration.ofMillis(500),
        100_000);
  }

  /** {@link #defaults(List)} of a list in one string: {@code host:port,host:port}. */
  public static PdClientConfig defaults(String addresses) {
    List<String> list = new ArrayList<>();
    for (String address : addresses.split(",")) {
      if (!address.isBlank()) {
        list.add(address.strip());
      }
    }
    return defaults(list);
  }

  /** The same for one cluster only. */
  public PdClientConfig withClusterId(long id) {
    return new PdClientConfig(
        addresses,
        id,
        connectTimeout,
        callTimeout,
        attemptTimeout,
        backoffMin,
        backoffMax,
        timestampWaitersMax);
  }

  /** The same with other bounds for the first contact and for calls. */
  public PdClientConfig withTimeouts(Duration connect, Duration call, Duration attempt) {
    return new PdClientConfig(
        addresses, clusterId, connect, call, attempt, backoffMin, backoffMax, timestampWaitersMax);
  }

  /**
   * {@code host:port} of an address that may carry a scheme and a trailing slash, as PD writes its
   * URLs.
   */
  static String normalise(String address) {
    String text = address.strip();
    int scheme = text.indexOf("://");
    if (scheme >= 0) {
      text = text.substring(scheme + 3);
    }
    if (text.endsWith("/")) {
      text = text.substring(0, text.length() - 1);
    }
    int colon = text.lastIndexOf(':');
    if (colon <= 0 || !isPort(text.substring(colon + 1))) {
      throw new PdException(
          PdException.Code.REJECTED,
          "'"
              + address
              + "' is not an address of a placement driver; expected host:port, such as 127.0.0.1:2379");
    }
    return text;
  }

  private static boolean isPort(String text) {
    if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return false;
    }
    int port = Integer.parseInt(text);
    return port > 0 && port <= 65535;
  }
}
