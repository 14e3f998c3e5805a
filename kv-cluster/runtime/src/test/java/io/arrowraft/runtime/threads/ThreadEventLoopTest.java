package io.arrowraft.runtime.threads;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Mailbox;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadEventLoopTest {
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private final CountDownLatch faulted = new CountDownLatch(1);
  private final ThreadLoopFactory factory =
      new ThreadLoopFactory(
          "test",
          (component, cause) -> {
            fault.set(cause);
            faulted.countDown();
          });
  private final EventLoop loop = factory.newLoop("loop");

  @AfterEach
  void close() {
    factory.close();
  }

  @Test
  void runsTasksInTheOrderInWhichOneThreadGaveThem() throws Exception {
    List<Integer> seen = new ArrayList<>();
    CompletableFuture<Void> last = new CompletableFuture<>();
    for (int i = 0; i < 10_000; i++) {
      int number = i;
      loop.execute(() -> seen.add(number));
    }
    loop.execute(() -> last.complete(null));
    last.get(10, TimeUnit.SECONDS);
    assertThat(seen).hasSize(10_000).isSorted();
  }

  @Test
  void runsTasksInNoHurryBeforeLaterOnesOfTheSameThread() throws Exception {
    for (int round = 0; round < 200; round++) {
      List<Integer> seen = new ArrayList<>();
      CompletableFuture<Void> last = new CompletableFuture<>();
      loop.executeLazily(() -> seen.add(1));
      loop.execute(() -> seen.add(2));
      loop.executeLazily(() -> seen.add(3));
      loop.execute(() -> last.complete(null));
      last.get(10, TimeUnit.SECONDS);
      assertThat(seen).containsExactly(1, 2, 3);
    }
  }

  @Test
  void leavesNoTaskInNoHurryBehind() throws Exception {
    CompletableFuture<Void> withoutTimers = new CompletableFuture<>();
    loop.executeLazily(() -> withoutTimers.complete(null));
    withoutTimers.get(10, TimeUnit.SECONDS);

    // Asleep until a timer that is far away: woken. Until one that is near: at the latest with it.
    for (Duration ahead : List.of(Duration.ofHours(1), Duration.ofMillis(50))) {
      loop.schedule(ahead, () -> {});
      for (int i = 0; i < 20; i++) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.executeLazily(() -> done.complete(null));
        done.get(10, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void losesNoWakeUpBetweenManyThreads() throws Exception {
    int threads = 4;
    int each = 20_000;
    CountDownLatch left = new CountDownLatch(threads * each);
    for (int t = 0; t < threads; t++) {
      Thread sender =
          new Thread(
              () -> {
                for (int i = 0; i < each; i++) {
                  loop.execute(left::countDown);
                }
              });
      sender.setDaemon(true);
      sender.start();
    }
    assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void runsTimersByTheirDueTimeAndNeverACancelledOne() throws Exception {
    List<String> seen = new ArrayList<>();
    CompletableFuture<Void> last = new CompletableFuture<>();
    loop.schedule(Duration.ofMillis(30), () -> seen.add("second"));
    loop.schedule(Duration.ofMillis(10), () -> seen.add("first"));
    loop.schedule(Duration.ofMillis(20), () -> seen.add("cancelled")).cancel();
    loop.schedule(Duration.ofMillis(40), () -> last.complete(null));
    last.get(10, TimeUnit.SECONDS);
    assertThat(seen).containsExactly("first", "second");
  }

  @Test
  void forgetsCancelledTimersBeforeTheyAreDue() throws Exception {
    WeakReference<byte[]> held = scheduleAndCancelMany();
    CompletableFuture<Void> later = new CompletableFuture<>();
    loop.schedule(Duration.ofMillis(1), () -> later.complete(null));
    later.get(10, TimeUnit.SECONDS);
    // The sweep runs before timers that are due; one more round makes sure that it has.
    CompletableFuture<Void> last = new CompletableFuture<>();
    loop.schedule(Duration.ofMillis(1), () -> last.complete(null));
    last.get(10, TimeUnit.SECONDS);
    for (int i = 0; i < 50 && held.get() != null; i++) {
      System.gc();
    }
    assertThat(held.get()).isNull();
  }

  private WeakReference<byte[]> scheduleAndCancelMany() {
    byte[] content = new byte[1 << 20];
    for (int i = 0; i < 1_000; i++) {
      loop.schedule(Duration.ofHours(1), () -> content[0]++).cancel();
    }
    return new WeakReference<>(content);
  }

  @Test
  void reportsATaskThatThrowsAndRunsNothingMore() throws Exception {
    CompletableFuture<Void> later = new CompletableFuture<>();
    loop.execute(
        () -> {
          throw new IllegalStateException("broken");
        });
    loop.execute(() -> later.complete(null));
    assertThat(faulted.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(fault.get()).hasMessage("broken");
    assertThat(later).isNotDone();
  }

  @Test
  void mailboxHandsOverBatchesInOrderAndRefusesBeyondItsBound() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    loop.execute(
        () -> {
          try {
            hold.await(10, TimeUnit.SECONDS);
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        });
    List<Integer> seen = new ArrayList<>();
    CountDownLatch all = new CountDownLatch(4);
    Mailbox<Integer> mailbox =
        new Mailbox<>(
            loop,
            4,
            3,
            batch -> {
              assertThat(batch.size()).isLessThanOrEqualTo(3);
              seen.addAll(batch);
              batch.forEach(ignored -> all.countDown());
            });
    for (int i = 0; i < 4; i++) {
      assertThat(mailbox.offer(i)).isTrue();
    }
    assertThat(mailbox.offer(4)).isFalse();
    hold.countDown();
    assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(seen).containsExactly(0, 1, 2, 3);
  }
}
