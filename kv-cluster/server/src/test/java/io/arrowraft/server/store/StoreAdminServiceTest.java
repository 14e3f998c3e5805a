package io.arrowraft.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.server.region.OutcomeUnknownException;
import io.arrowraft.server.region.RegionErrors;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class StoreAdminServiceTest {
  /** It was a failure of the store, although only the leadership had moved meanwhile. */
  @Test
  void aComparisonThatIsLostWithALeadershipIsToBeAskedForAgain() {
    assertThat(errorAfter(new OutcomeUnknownException(3, "write to region 3: outcome unknown")))
        .contains("ask again", "write to region 3");
  }

  @Test
  void aRegionErrorIsNamed() {
    assertThat(errorAfter(RegionErrors.regionNotFound(3))).isNotEmpty();
  }

  @Test
  void whatNobodyExpectsIsAFailure() {
    assertThat(
            StoreAdminService.compared(
                CompletableFuture.failedFuture(new IllegalStateException("a bug"))))
        .isCompletedExceptionally();
  }

  private static String errorAfter(RuntimeException failure) {
    return StoreAdminService.compared(CompletableFuture.failedFuture(failure)).join().getError();
  }
}
