package io.arrowraft.pd;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultRunTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void aGroupUnderFaultsLosesNothingAndBecomesWholeAgain(long seed) {
    new FaultRun(seed).run();
  }
}
