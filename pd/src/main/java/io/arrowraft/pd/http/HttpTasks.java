package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.state.NotLeaderException;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/** Looks on the loop, and writes the answer on the pool. */
final class HttpTasks {
  private static final String NOT_LEADER = "this member of the placement driver does not lead";

  private final LeaderState leader;
  private final EventLoop loop;
  private final Executor pool;

  HttpTasks(LeaderState leader, EventLoop loop, Executor pool) {
    this.leader = leader;
    this.loop = loop;
    this.pool = pool;
  }

  /** What every member answers. */
  <T> CompletionStage<HttpAnswer> always(Supplier<T> look, Function<T, JsonNode> form) {
    return plain(look, seen -> json(form.apply(seen)));
  }

  /** The same without JSON. */
  <T> CompletionStage<HttpAnswer> plain(Supplier<T> look, Function<T, HttpAnswer> form) {
    return run(false, look, form);
  }

  /** What only the leader answers. */
  <T> CompletionStage<HttpAnswer> leading(Supplier<T> look, Function<T, JsonNode> form) {
    return run(true, look, seen -> json(form.apply(seen)));
  }

  /** What only the leader answers, if it is there. */
  <T> CompletionStage<HttpAnswer> found(
      Supplier<Optional<T>> look, Function<T, JsonNode> form, String otherwise) {
    return run(
        true,
        look,
        seen ->
            seen.map(value -> json(form.apply(value)))
                .orElseGet(() -> HttpAnswer.error(404, otherwise)));
  }

  /** A change that takes its time; begins on the loop. */
  @FunctionalInterface
  interface Change<T> {
    CompletionStage<T> begin();
  }

  /** What only the leader does. The answer comes when it is done. */
  <T> CompletionStage<HttpAnswer> changing(Change<T> change, Function<T, JsonNode> form) {
    CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (!leader.serving()) {
            answer.complete(HttpAnswer.error(503, NOT_LEADER));
            return;
          }
          try {
            change
                .begin()
                .whenComplete(
                    (done, failure) -> {
                      if (failure == null) {
                        answer.complete(json(form.apply(done)));
                      } else {
                        fail(answer, Async.cause(failure));
                      }
                    });
          } catch (RuntimeException refused) {
            fail(answer, refused);
          }
        });
    return answer;
  }

  private static void fail(CompletableFuture<HttpAnswer> answer, Throwable failure) {
    if (failure instanceof IllegalArgumentException) {
      answer.complete(HttpAnswer.error(400, String.valueOf(failure.getMessage())));
    } else if (failure instanceof NotLeaderException) {
      answer.complete(
          HttpAnswer.error(
              503,
              "leadership was lost on the way, so the change may or may not have happened; look,"
                  + " and try again"));
    } else {
      answer.completeExceptionally(failure);
    }
  }

  private <T> CompletionStage<HttpAnswer> run(
      boolean asLeader, Supplier<T> look, Function<T, HttpAnswer> form) {
    CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (asLeader && !leader.serving()) {
            answer.complete(HttpAnswer.error(503, NOT_LEADER));
            return;
          }
          try {
            T seen = look.get();
            pool.execute(() -> write(answer, seen, form));
          } catch (RejectedExecutionException full) {
            answer.complete(HttpAnswer.error(503, "too many questions at once; ask again"));
          } catch (RuntimeException failure) {
            fail(answer, failure);
          }
        });
    return answer;
  }

  private static <T> void write(
      CompletableFuture<HttpAnswer> answer, T seen, Function<T, HttpAnswer> form) {
    try {
      answer.complete(form.apply(seen));
    } catch (RuntimeException failure) {
      answer.completeExceptionally(failure);
    }
  }

  private static HttpAnswer json(JsonNode node) {
    return HttpAnswer.json(node.toString());
  }
}
