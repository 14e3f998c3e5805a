package io.arrowraft.e2e;

import static io.arrowraft.e2e.OfficialTransaction.bytes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.tikv.common.TiSession;
import org.tikv.raw.RawKVClient;
import org.tikv.shade.com.google.protobuf.ByteString;
import org.tikv.txn.KVClient;

/**
 * Workers with the official client, each with keys of its own, who know what they must find. What
 * the client throws at them is noted too: with its own bounds of patience it should get through.
 */
final class OfficialWorkers implements AutoCloseable {
  private static final int VALUE_BYTES = 16 << 10;
  private static final int NOTES_MAX = 50;
  private static final long STOP_MILLIS = 60_000;

  private final List<Worker> workers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  /** What one of them does, again and again. */
  private abstract class Worker implements Runnable {
    final String name;
    final SplittableRandom random;
    final List<String> wrong = new ArrayList<>();
    final List<String> thrown = new ArrayList<>();
    int done;

    Worker(String name, int number) {
      this.name = name;
      this.random = new SplittableRandom(number);
    }

    abstract void step(int number) throws Exception;

    /** Compares everything with what must be there. */
    abstract void audit();

    @Override
    public void run() {
      for (int number = 0; !stopped; number++) {
        try {
          step(number);
          done++;
        } catch (Exception failure) {
          note(thrown, number + ": " + failure);
        }
      }
    }

    void note(List<String> notes, String what) {
      if (notes.size() < NOTES_MAX) {
        notes.add(name + " " + what);
      }
    }
  }

  /** Grows a set of raw pairs, all over its range, and swaps a counter. */
  private final class RawWorker extends Worker {
    private final RawKVClient client;
    private final Map<String, String> acknowledged = new LinkedHashMap<>();
    private final List<String> keys = new ArrayList<>();
    private long counter;

    RawWorker(RawKVClient client, int number) {
      super("raw-" + number, number);
      this.client = client;
    }

    @Override
    void step(int number) {
      String key = "official-%s-%04x-%06d".formatted(name, random.nextInt(1 << 16), number);
      String value = padded(number);
      client.put(bytes(key), bytes(value));
      acknowledged.put(key, value);
      keys.add(key);
      String any = keys.get(random.nextInt(keys.size()));
      check(any);
      swap();
    }

    private void check(String key) {
      Optional<String> found = client.get(bytes(key)).map(ByteString::toStringUtf8);
      if (!found.equals(Optional.of(acknowledged.get(key)))) {
        note(wrong, "wrote " + key + " and found " + found);
      }
    }

    private void swap() {
      ByteString key = bytes("official-counter-" + name);
      if (counter < 0) {
        // The outcome of the last swap is not known.
        counter = client.get(key).map(value -> Long.parseLong(value.toStringUtf8())).orElse(0L);
      }
      long before = counter;
      counter = -1;
      client.compareAndSet(
          key,
          before == 0 ? Optional.empty() : Optional.of(bytes(Long.toString(before))),
          bytes(Long.toString(before + 1)));
      counter = before + 1;
    }

    @Override
    void audit() {
      keys.forEach(this::check);
      int found =
          client.scan(bytes("official-" + name + "-"), bytes("official-" + name + ".")).size();
      if (found < acknowledged.size()) {
        note(wrong, "wrote " + acknowledged.size() + " pairs and a scan found " + found);
      }
    }
  }

  /**
   * Moves money between accounts that lie far apart, and keeps a ledger that makes regions split.
   */
  private final class Teller extends Worker {
    private static final int ACCOUNTS = 8;
    private static final long OPENING = 100;

    private final TiSession session;
    private final KVClient reader;
    private final long[] balances = new long[ACCOUNTS];

    /** Balances after a commit whose outcome is not known; null: it is. */
    private long[] perhaps;

    Teller(TiSession session, int number) throws Exception {
      super("teller-" + number, number);
      this.session = session;
      this.reader = session.createKVClient();
      Map<String, String> opening = new LinkedHashMap<>();
      for (int i = 0; i < ACCOUNTS; i++) {
        balances[i] = OPENING;
        opening.put(account(i), Long.toString(OPENING));
      }
      OfficialTransaction.commit(session, opening);
    }

    @Override
    void step(int number) throws Exception {
      long startTs = session.getTimestamp().getVersion();
      look(startTs);
      int from = random.nextInt(ACCOUNTS);
      int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
      long[] after = balances.clone();
      after[from]--;
      after[to]++;
      Map<String, String> pairs = new LinkedHashMap<>();
      pairs.put(account(from), Long.toString(after[from]));
      pairs.put(account(to), Long.toString(after[to]));
      pairs.put(
          "ledger-%s-%04x-%06d".formatted(name, random.nextInt(1 << 16), number), padded(number));
      try (OfficialTransaction transaction = OfficialTransaction.begin(session, startTs, pairs)) {
        transaction.prewrite();
        perhaps = after;
        transaction.commitPrimary();
        System.arraycopy(after, 0, balances, 0, ACCOUNTS);
        perhaps = null;
        transaction.commitSecondaries();
      }
    }

    /** A snapshot shows all of the last transaction, or nothing of it. */
    private void look(long startTs) {
      long[] found = new long[ACCOUNTS];
      for (int i = 0; i < ACCOUNTS; i++) {
        found[i] = Long.parseLong(reader.get(bytes(account(i)), startTs).toStringUtf8());
      }
      if (perhaps != null && java.util.Arrays.equals(found, perhaps)) {
        System.arraycopy(found, 0, balances, 0, ACCOUNTS);
      }
      perhaps = null;
      if (!java.util.Arrays.equals(found, balances)) {
        note(
            wrong,
            "found balances %s, not %s"
                .formatted(java.util.Arrays.toString(found), java.util.Arrays.toString(balances)));
        System.arraycopy(found, 0, balances, 0, ACCOUNTS);
      }
    }

    private String account(int number) {
      return "account-%02x-%s".formatted(number * 32, name);
    }

    @Override
    void audit() {
      look(session.getTimestamp().getVersion());
    }
  }

  private static String padded(int number) {
    String text = "value " + number + " ";
    return text + "x".repeat(VALUE_BYTES - text.length());
  }

  OfficialWorkers addRaw(RawKVClient client, int count) {
    for (int i = 0; i < count; i++) {
      workers.add(new RawWorker(client, i));
    }
    return this;
  }

  OfficialWorkers addTellers(TiSession session, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      workers.add(new Teller(session, i));
    }
    return this;
  }

  OfficialWorkers start() {
    for (Worker worker : workers) {
      Thread thread = new Thread(worker, worker.name);
      threads.add(thread);
      thread.start();
    }
    return this;
  }

  /** Lets everybody finish; then {@link #wrong} and {@link #thrown} are complete. */
  @Override
  public void close() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join(STOP_MILLIS);
      if (thread.isAlive()) {
        throw new IllegalStateException(thread.getName() + " does not come to its end");
      }
    }
  }

  /** After {@link #close}: what was found and should not have been, with a last look at all. */
  List<String> wrong() {
    workers.forEach(Worker::audit);
    return workers.stream().flatMap(worker -> worker.wrong.stream()).toList();
  }

  /** After {@link #close}: what the client threw. */
  List<String> thrown() {
    return workers.stream().flatMap(worker -> worker.thrown.stream()).toList();
  }

  /** After {@link #close}. */
  String describe() {
    StringBuilder text = new StringBuilder();
    workers.forEach(
        worker ->
            text.append(worker.name)
                .append(": ")
                .append(worker.done)
                .append(" done, ")
                .append(worker.thrown.size())
                .append(" thrown; "));
    return text.toString();
  }
}
