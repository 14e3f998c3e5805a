package io.arrowraft.pd.testing;

import io.arrowraft.pd.state.CommandCodec;
import io.arrowraft.pd.state.NotLeaderException;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StateLog;
import io.arrowraft.runtime.EventLoop;
import java.util.concurrent.CompletableFuture;

/** A log with one copy: applies on the loop, once for each proposal. */
public final class LocalLog implements StateLog {
  private final PdState state;
  private final EventLoop loop;
  private boolean leads = true;
  private boolean stalled;

  public LocalLog(PdState state, EventLoop loop) {
    this.state = state;
    this.loop = loop;
  }

  /** Takes or ends leadership. */
  public void setLeads(boolean leads) {
    this.leads = leads;
  }

  /** Makes proposals fail from now on, or not. */
  public void setStalled(boolean stalled) {
    this.stalled = stalled;
  }

  @Override
  public boolean leads() {
    return leads;
  }

  @Override
  public CompletableFuture<PdResult> propose(PdCommand command) {
    CompletableFuture<PdResult> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (!leads || stalled) {
            result.completeExceptionally(new NotLeaderException("the test says so"));
          } else {
            PdCommand decoded = CommandCodec.decode(CommandCodec.encode(command));
            result.complete(state.apply(decoded).result());
          }
        });
    return result;
  }
}
