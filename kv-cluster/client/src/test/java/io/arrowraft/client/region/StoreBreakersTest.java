package io.arrowraft.client.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StoreBreakersTest {
  private static final String STORE = "store-1:20160";
  private static final RpcException SILENCE =
      new RpcException(RpcStatus.DEADLINE_EXCEEDED, "no answer");

  private final VirtualWorld world = new VirtualWorld();
  private final StoreBreakers breakers = new StoreBreakers(world, world.meters());

  @Test
  void aStoreThatLeavesManyRequestsUnansweredIsGivenAPause() {
    leaveUnanswered(StoreBreakers.FAILURES_MAX - 1);
    assertThat(breakers.refusal(STORE)).isEmpty();
    leaveUnanswered(1);
    assertThat(breakers.refusal(STORE))
        .hasValueSatisfying(
            refusal -> {
              assertThat(refusal.isUnreached()).as("may go elsewhere").isTrue();
              assertThat(refusal).hasMessageContaining(STORE);
            });
    assertThat(breakers.refusal("store-2:20160")).as("others are not concerned").isEmpty();
  }

  @Test
  void anAnswerInBetweenShowsThatTheStoreLives() {
    leaveUnanswered(StoreBreakers.FAILURES_MAX - 1);
    breakers.ended(STORE, null, true);
    leaveUnanswered(StoreBreakers.FAILURES_MAX - 1);
    assertThat(breakers.refusal(STORE)).isEmpty();
  }

  @Test
  void aRefusalIsAnAnswer() {
    leaveUnanswered(StoreBreakers.FAILURES_MAX - 1);
    breakers.ended(STORE, new RpcException(RpcStatus.INVALID_ARGUMENT, "no"), true);
    leaveUnanswered(1);
    assertThat(breakers.refusal(STORE)).isEmpty();
  }

  @Test
  void callersInAHurryProveNothing() {
    for (int i = 0; i < 3 * StoreBreakers.FAILURES_MAX; i++) {
      breakers.ended(STORE, SILENCE, false);
      breakers.ended(STORE, RpcException.notSent("no room"), true);
    }
    assertThat(breakers.refusal(STORE)).isEmpty();
  }

  @Test
  void oneRequestProbesAfterThePause() {
    open();
    world.advance(Duration.ofMillis(300));
    assertThat(breakers.refusal(STORE)).as("the probe").isEmpty();
    assertThat(breakers.refusal(STORE)).as("while it is under way").isPresent();
    breakers.ended(STORE, null, true);
    assertThat(breakers.refusal(STORE)).isEmpty();
  }

  @Test
  void aProbeThatFailsDoublesThePause() {
    open();
    world.advance(Duration.ofMillis(300));
    assertThat(breakers.refusal(STORE)).isEmpty();
    leaveUnanswered(1);
    world.advance(Duration.ofMillis(300));
    assertThat(breakers.refusal(STORE)).isPresent();
    world.advance(Duration.ofMillis(300));
    assertThat(breakers.refusal(STORE)).isEmpty();
  }

  @Test
  void aProbeThatWasCutShortLetsAnotherOneFollow() {
    open();
    world.advance(Duration.ofMillis(300));
    assertThat(breakers.refusal(STORE)).isEmpty();
    breakers.ended(STORE, RpcException.notSent("no room"), true);
    assertThat(breakers.refusal(STORE)).isEmpty();
  }

  private void open() {
    leaveUnanswered(StoreBreakers.FAILURES_MAX);
    assertThat(breakers.refusal(STORE)).isPresent();
  }

  private void leaveUnanswered(int requests) {
    for (int i = 0; i < requests; i++) {
      breakers.ended(STORE, SILENCE, true);
    }
  }
}
