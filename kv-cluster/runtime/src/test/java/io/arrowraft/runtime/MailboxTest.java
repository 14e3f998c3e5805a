package io.arrowraft.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MailboxTest {
  private final Tasks loop = new Tasks();
  private final List<String> taken = new ArrayList<>();

  @Test
  void bytesThatWaitAreBoundedTogether() {
    Mailbox<String> mailbox = new Mailbox<>(loop, 100, 100, 10, String::length, taken::addAll);

    assertThat(mailbox.offer("12345")).isTrue();
    assertThat(mailbox.offer("12345")).isTrue();
    assertThat(mailbox.offer("1")).isFalse();
    loop.runAll();
    assertThat(taken).containsExactly("12345", "12345");
    assertThat(mailbox.offer("1")).isTrue();
  }

  @Test
  void aMessageAboveTheBoundIsTakenWhenNothingElseWaits() {
    Mailbox<String> mailbox = new Mailbox<>(loop, 100, 100, 3, String::length, taken::addAll);

    assertThat(mailbox.offer("12345")).isTrue();
    assertThat(mailbox.offer("1")).isFalse();
    loop.runAll();
    assertThat(mailbox.offer("1")).isTrue();
    assertThat(mailbox.offer("12345")).isFalse();
  }

  @Test
  void aRefusedMessageLeavesNothingBehind() {
    Mailbox<String> mailbox = new Mailbox<>(loop, 1, 100, 10, String::length, taken::addAll);

    assertThat(mailbox.offer("1")).isTrue();
    for (int i = 0; i < 100; i++) {
      assertThat(mailbox.offer("123456789")).isFalse();
    }
    loop.runAll();
    assertThat(mailbox.size()).isZero();
    assertThat(mailbox.offer("123456789")).isTrue();
  }

  @Test
  void aMailboxNeedsRoom() {
    assertThatThrownBy(() -> new Mailbox<>(loop, 1, 1, 0, String::length, taken::addAll))
        .hasMessageContaining("bytesMax=0");
  }

  private static final class Tasks implements EventLoop {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    void runAll() {
      while (!tasks.isEmpty()) {
        tasks.removeFirst().run();
      }
    }

    @Override
    public String name() {
      return "test";
    }

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      throw new UnsupportedOperationException("mailboxes set no timers");
    }

    @Override
    public boolean inLoop() {
      return true;
    }
  }
}
