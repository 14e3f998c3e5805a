package io.arrowraft.e2e.load;

import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.LockConflictException;
import io.arrowraft.client.error.TransactionAbortedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Moves money between accounts and looks at the total now and then. */
final class BankLoad implements Runnable {
  private static final int MOVES_PER_LOOK = 10;
  private static final int AMOUNT_MAX = 50;

  private final Bank bank;
  private final int worker;
  private final LoadHistory history;
  private final SplittableRandom random;
  private volatile boolean stopped;

  BankLoad(Bank bank, int worker) {
    this.bank = bank;
    this.worker = worker;
    this.history = new LoadHistory("teller " + worker);
    this.random = new SplittableRandom(1_000L + worker);
  }

  LoadHistory history() {
    return history;
  }

  void stop() {
    stopped = true;
  }

  @Override
  public void run() {
    for (int write = 0; !stopped; write++) {
      try {
        bank.move(nextTransfer(), entry(write));
        history.acknowledged(write);
      } catch (TransactionAbortedException | LockConflictException refused) {
        history.refused(write);
      } catch (ArrowraftException failure) {
        history.unknown(write);
      }
      if (write % MOVES_PER_LOOK == 0) {
        look();
      }
    }
  }

  private Bank.Transfer nextTransfer() {
    int from = random.nextInt(Bank.accounts());
    int to = (from + 1 + random.nextInt(Bank.accounts() - 1)) % Bank.accounts();
    return new Bank.Transfer(from, to, 1 + random.nextInt(AMOUNT_MAX));
  }

  private void look() {
    Optional<String> wrong;
    try {
      wrong = bank.wrongTotal();
    } catch (ArrowraftException unreadable) {
      // Availability is judged by the gaps between writes.
      return;
    }
    wrong.ifPresent(history::violated);
  }

  /** Compares the ledger with what this worker was told. */
  List<String> judge(Map<String, Bank.Transfer> ledger) {
    List<String> wrong = new ArrayList<>(history.violations());
    history
        .outcomes()
        .forEach(
            (write, outcome) -> {
              boolean found = ledger.containsKey(entry(write));
              if ((found && outcome == LoadHistory.Outcome.REFUSED)
                  || (!found && outcome == LoadHistory.Outcome.ACKNOWLEDGED)) {
                wrong.add(
                    "%s: move %d was %s and is %s in the ledger"
                        .formatted(history.worker(), write, outcome, found ? "found" : "not"));
              }
            });
    return wrong;
  }

  private String entry(int write) {
    return "%d-%08d".formatted(worker, write);
  }
}
