package io.arrowraft.e2e.load;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.raw.CasResult;
import io.arrowraft.runtime.Bytes;
import java.util.Optional;
import java.util.SplittableRandom;

/** Reads registers and swaps their values. */
final class RegisterLoad implements Runnable {
  private final ArrowraftClient client;
  private final Registers registers;
  private final LoadHistory history;
  private final SplittableRandom random;
  private final String[] lastSeen = new String[Registers.count()];
  private volatile boolean stopped;

  RegisterLoad(ArrowraftClient client, Registers registers, int worker) {
    this.client = client;
    this.registers = registers;
    this.history = new LoadHistory("swapper " + worker);
    this.random = new SplittableRandom(2_000L + worker);
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
      int register = random.nextInt(Registers.count());
      if (lastSeen[register] == null || random.nextBoolean()) {
        read(register);
      } else {
        swap(register, write);
      }
    }
  }

  private void read(int register) {
    long invoked = System.nanoTime();
    try {
      String value = Registers.text(client.await(client.raw().get(registers.key(register))));
      registers.history(register).saw(history.worker(), value, invoked, System.nanoTime());
      lastSeen[register] = value;
    } catch (ArrowraftException unreadable) {
      // Nothing was seen; availability is judged by the gaps between writes.
      lastSeen[register] = null;
    }
  }

  private void swap(int register, int write) {
    String expected = lastSeen[register];
    String value = history.worker() + "/" + write;
    long invoked = System.nanoTime();
    try {
      CasResult result =
          client.await(
              client
                  .raw()
                  .compareAndSwap(
                      registers.key(register),
                      Optional.of(expected)
                          .filter(text -> !text.equals(RegisterHistory.ABSENT))
                          .map(Bytes::ofUtf8),
                      Bytes.ofUtf8(value)));
      long returned = System.nanoTime();
      history.acknowledged(write);
      if (result.swapped()) {
        registers.history(register).swapped(history.worker(), expected, value, invoked, returned);
        lastSeen[register] = value;
      } else {
        lastSeen[register] = Registers.text(result.previous());
        registers.history(register).saw(history.worker(), lastSeen[register], invoked, returned);
      }
    } catch (ArrowraftException failure) {
      registers.history(register).swapUnknown(expected, value, invoked);
      history.unknown(write);
      lastSeen[register] = null;
    }
  }
}
