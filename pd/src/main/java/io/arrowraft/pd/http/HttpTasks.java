package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.rpc.http.HttpAnswer;
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

  private <T> CompletionStage<HttpAnswer> run(
      boolean asLeader, Supplier<T> look, Function<T, HttpAnswer> form) {
    CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (asLeader && !leader.serving()) {
            answer.complete(
                HttpAnswer.error(503, "this member of the placement driver does not lead"));
            return;
          }
          try {
            T seen = look.get();
            pool.execute(() -> write(answer, seen, form));
          } catch (RejectedExecutionException full) {
            answer.complete(HttpAnswer.error(503, "too many questions at once; ask again"));
          } catch (RuntimeException failure) {
            answer.completeExceptionally(failure);
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
