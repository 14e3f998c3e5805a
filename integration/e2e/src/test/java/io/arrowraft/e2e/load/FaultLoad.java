package io.arrowraft.e2e.load;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.runtime.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A set, a bank and registers under load at once. The set grows by raw pairs, each under a key of
 * its own; the registers are swapped and read by several workers.
 */
public final class FaultLoad implements AutoCloseable {
  private static final Duration STOP_BOUND = Duration.ofSeconds(60);

  /** Writes that each worker must get through before it counts as recovered. */
  private static final int WRITES_OF_RECOVERY = 5;

  /**
   * How many workers of each kind.
   *
   * @param name of the load; its keys are no other's
   */
  public record Shape(String name, int writers, int tellers, int swappers) {}

  private final Bank bank;
  private final Registers registers;
  private final List<RawLoad> writers = new ArrayList<>();
  private final List<BankLoad> tellers = new ArrayList<>();
  private final List<RegisterLoad> swappers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * @param clients the workers take turns with them; stay their owner's
   */
  public FaultLoad(Shape shape, List<ArrowraftClient> clients) {
    bank = new Bank(clients.get(0), shape.name());
    registers = new Registers(shape.name());
    for (int i = 0; i < shape.writers(); i++) {
      writers.add(new RawLoad(clients.get(i % clients.size()), shape.name(), i));
    }
    for (int i = 0; i < shape.tellers(); i++) {
      tellers.add(new BankLoad(bank, i));
    }
    for (int i = 0; i < shape.swappers(); i++) {
      swappers.add(new RegisterLoad(clients.get(i % clients.size()), registers, i));
    }
  }

  /** Cuts the key space so that regions with different leaders take part from the start. */
  public static void split(ArrowraftClient client, String name) {
    client.await(
        client.split(
            KeySpace.RAW,
            List.of(
                Bytes.ofUtf8("raw-" + name),
                Bytes.ofUtf8("raw-" + name + "-1"),
                Bytes.ofUtf8("register-"))));
    client.await(
        client.split(
            KeySpace.TRANSACTIONAL,
            List.of(
                Bytes.ofUtf8("bank-" + name + "-account-012"),
                Bytes.ofUtf8("bank-" + name + "-ledger-"))));
  }

  /** Opens the bank, then lets everybody work. */
  public FaultLoad start() {
    bank.open();
    writers.forEach(writer -> threads.add(new Thread(writer, writer.history().worker())));
    tellers.forEach(teller -> threads.add(new Thread(teller, teller.history().worker())));
    swappers.forEach(swapper -> threads.add(new Thread(swapper, swapper.history().worker())));
    threads.forEach(Thread::start);
    return this;
  }

  /** Lets everybody finish what they are at. Idempotent. */
  public void stop() {
    writers.forEach(RawLoad::stop);
    tellers.forEach(BankLoad::stop);
    swappers.forEach(RegisterLoad::stop);
    try {
      for (Thread thread : threads) {
        thread.join(STOP_BOUND.toMillis());
        if (thread.isAlive()) {
          throw new IllegalStateException(thread.getName() + " does not come to its end");
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  /** The registers, for readers beside the load. */
  public Registers registers() {
    return registers;
  }

  private Stream<LoadHistory> histories() {
    return Stream.of(
            writers.stream().map(RawLoad::history),
            tellers.stream().map(BankLoad::history),
            swappers.stream().map(RegisterLoad::history))
        .flatMap(each -> each);
  }

  /** Acknowledged writes of each worker. */
  public Map<String, Integer> acknowledged() {
    return histories()
        .collect(
            Collectors.toMap(
                LoadHistory::worker, LoadHistory::acknowledgedCount, Integer::sum, TreeMap::new));
  }

  /** Names a worker that has not got through enough writes since {@code before}, if any. */
  public Optional<String> stuckSince(Map<String, Integer> before) {
    return acknowledged().entrySet().stream()
        .filter(worker -> worker.getValue() < before.get(worker.getKey()) + WRITES_OF_RECOVERY)
        .map(worker -> worker + " writes acknowledged, before that " + before)
        .findFirst();
  }

  /** The longest time without an acknowledged write, of each worker. */
  public Map<String, Duration> longestGaps() {
    return histories()
        .collect(
            Collectors.toMap(
                LoadHistory::worker, LoadHistory::longestGap, (a, b) -> a, TreeMap::new));
  }

  public String describe() {
    return "acknowledged writes " + acknowledged() + ", longest gaps " + longestGaps();
  }

  /** Everything that was promised and not kept; after {@link #stop}. */
  public List<String> judge() {
    List<String> wrong = new ArrayList<>();
    writers.forEach(writer -> wrong.addAll(writer.judge()));
    Map<String, Bank.Transfer> ledger = bank.audit();
    tellers.forEach(teller -> wrong.addAll(teller.judge(ledger)));
    wrong.addAll(registers.judge());
    return wrong;
  }

  @Override
  public void close() {
    stop();
  }
}
