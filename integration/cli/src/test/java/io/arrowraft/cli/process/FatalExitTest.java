package io.arrowraft.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.client.PdException;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class FatalExitTest {
  @Test
  void aFullDiskHasACodeOfItsOwnAndSaysWhatToDo() {
    FatalExit exit =
        FatalExit.of(
            "raft log",
            new CompletionException(
                new EngineException(
                    EngineException.Kind.DISK_FULL, "writing to /data/log failed: no space")));

    assertThat(exit.code()).isEqualTo(5);
    assertThat(exit.text())
        .isEqualTo(
            "stopped, since the disk cannot be relied on (raft log): writing to /data/log failed: no"
                + " space; what to do: free space on the disk of this directory, then start again");
  }

  @Test
  void everyKindOfFaultIsTold() {
    assertThat(FatalExit.of("a", new EngineException(EngineException.Kind.IO, "m")).code())
        .isEqualTo(4);
    assertThat(FatalExit.of("a", CorruptDataException.unplaced("m", null)).code()).isEqualTo(6);
    assertThat(FatalExit.of("a", new IllegalStateException("m")).code()).isEqualTo(3);
  }

  @Test
  void aStoreThatWasRemovedHasACodeOfItsOwnSinceItIsNotToBeStartedAgain() {
    PdException refusal =
        new PdException(PdException.Code.STORE_REMOVED, "PutStore: store 4 has been removed");

    assertThat(FatalExit.of("run", new CompletionException(refusal)))
        .isEqualTo(FatalExit.removed(refusal));
    assertThat(FatalExit.removed(refusal).code()).isEqualTo(7);
    assertThat(FatalExit.removed(refusal).text()).contains("store 4 has been removed");
  }
}
