package io.arrowraft.e2e.load;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.runtime.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Accounts whose total never changes, and a ledger entry for each transfer between them. */
final class Bank {
  private static final int ACCOUNTS = 24;
  private static final long OPENING_BALANCE = 1_000;
  private static final int PAGE = 5_000;

  /** Money that moves. */
  record Transfer(int from, int to, long amount) {
    private static Transfer parse(String text) {
      String[] parts = text.split(" ", -1);
      return new Transfer(
          Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Long.parseLong(parts[2]));
    }

    private Bytes encoded() {
      return Bytes.ofUtf8(from + " " + to + " " + amount);
    }
  }

  private final ArrowraftClient client;
  private final String name;

  /**
   * @param name of the bank; its keys are no other's
   */
  Bank(ArrowraftClient client, String name) {
    this.client = client;
    this.name = name;
  }

  static int accounts() {
    return ACCOUNTS;
  }

  void open() {
    client.transact(
        transaction -> {
          accountKeys().forEach(key -> transaction.put(key, balance(OPENING_BALANCE)));
          return null;
        });
  }

  /** Moves money and writes the ledger entry {@code entry}, both or neither. */
  void move(Transfer transfer, String entry) {
    client.transact(
        transaction -> {
          move(transaction, transfer);
          transaction.put(ledgerKey(entry), transfer.encoded());
          return null;
        });
  }

  private void move(Transaction transaction, Transfer transfer) {
    Bytes from = account(transfer.from());
    Bytes to = account(transfer.to());
    Map<Bytes, Bytes> balances = client.await(transaction.batchGet(List.of(from, to)));
    transaction.put(from, balance(amount(balances.get(from)) - transfer.amount()));
    transaction.put(to, balance(amount(balances.get(to)) + transfer.amount()));
  }

  /** Says how the total of one snapshot is wrong, if it is. */
  Optional<String> wrongTotal() {
    var snapshot = client.await(client.snapshot());
    Map<Bytes, Bytes> balances = client.await(snapshot.batchGet(accountKeys()));
    long total = balances.values().stream().mapToLong(Bank::amount).sum();
    return total == ACCOUNTS * OPENING_BALANCE
        ? Optional.empty()
        : Optional.of(
            "at %s the total was %d over %d accounts, not %d"
                .formatted(
                    snapshot.timestamp(), total, balances.size(), ACCOUNTS * OPENING_BALANCE));
  }

  /** The ledger as of one snapshot whose balances it explains. */
  Map<String, Transfer> audit() {
    var snapshot = client.await(client.snapshot());
    Map<String, Transfer> ledger = ledger(snapshot);
    long[] expected = new long[ACCOUNTS];
    java.util.Arrays.fill(expected, OPENING_BALANCE);
    for (Transfer transfer : ledger.values()) {
      expected[transfer.from()] -= transfer.amount();
      expected[transfer.to()] += transfer.amount();
    }
    Map<Bytes, Bytes> balances = client.await(snapshot.batchGet(accountKeys()));
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < ACCOUNTS; i++) {
      long found = amount(balances.get(account(i)));
      if (found != expected[i]) {
        wrong.add("account %d holds %d, by the ledger %d".formatted(i, found, expected[i]));
      }
    }
    if (!wrong.isEmpty()) {
      throw new IllegalStateException(String.join("; ", wrong));
    }
    return ledger;
  }

  private Map<String, Transfer> ledger(TransactionalReader snapshot) {
    Map<String, Transfer> ledger = new TreeMap<>();
    Bytes prefix = ledgerKey("");
    Bytes end = Bytes.ofUtf8("bank-" + name + "-ledger.");
    Optional<Bytes> from = Optional.of(prefix);
    while (from.isPresent()) {
      ScanPage page = client.await(snapshot.scan(from.get(), end, PAGE));
      page.pairs()
          .forEach(
              pair ->
                  ledger.put(
                      text(pair.key()).substring(prefix.length()),
                      Transfer.parse(text(pair.value()))));
      from = page.continuation();
    }
    return ledger;
  }

  private List<Bytes> accountKeys() {
    return IntStream.range(0, ACCOUNTS).mapToObj(this::account).toList();
  }

  private Bytes account(int number) {
    return Bytes.ofUtf8("bank-%s-account-%03d".formatted(name, number));
  }

  private Bytes ledgerKey(String entry) {
    return Bytes.ofUtf8("bank-" + name + "-ledger-" + entry);
  }

  private static Bytes balance(long amount) {
    return Bytes.ofUtf8(Long.toString(amount));
  }

  private static long amount(Bytes balance) {
    return Long.parseLong(text(balance));
  }

  private static String text(Bytes bytes) {
    return new String(bytes.unsafeArray(), StandardCharsets.UTF_8);
  }
}
