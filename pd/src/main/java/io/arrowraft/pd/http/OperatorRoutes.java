package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.arrowraft.pd.operator.Progress;
import io.arrowraft.pd.schedule.CheckerPauses;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.rpc.http.HttpRoutes;
import io.arrowraft.runtime.EventLoop;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The operators that run and that have run, and those that people want; and the checkers. */
final class OperatorRoutes {
  private final LeaderState leader;
  private final EventLoop loop;
  private final HttpTasks tasks;

  OperatorRoutes(LeaderState leader, EventLoop loop, HttpTasks tasks) {
    this.leader = leader;
    this.loop = loop;
    this.tasks = tasks;
  }

  void add(HttpRoutes.Builder routes) {
    String operators = Paths.API + "/operators";
    routes
        .get(operators, (request, parts) -> list(request))
        .post(
            operators,
            (request, parts) -> {
              Body body = OperatorRequests.parse(request.body());
              return tasks.changing(
                  () -> new OperatorRequests(leader, loop, body).begin(), said -> said);
            })
        .get(
            operators + "/records",
            (request, parts) -> {
              long from =
                  request.parameter("from").map(f -> Paths.number("from", f)).orElse(0L) * 1000;
              return tasks.leading(() -> leader.board().endedSince(from), OperatorJson::progress);
            })
        .get(
            operators + "/{region}",
            (request, parts) -> {
              long id = region(parts);
              return tasks.found(
                  () -> leader.board().progress(id),
                  OperatorJson::of,
                  "no operator is known for region " + parts.get(0));
            })
        .delete(
            operators + "/{region}",
            (request, parts) -> {
              long id = region(parts);
              return tasks.found(
                  () ->
                      leader.board().cancel(id, "by request") ? Optional.of(id) : Optional.empty(),
                  cancelled ->
                      JsonNodeFactory.instance.textNode("The pending operator is canceled."),
                  "no operator runs for region " + parts.get(0));
            });
    addCheckers(routes);
  }

  private void addCheckers(HttpRoutes.Builder routes) {
    CheckerPauses pauses = leader.scheduling().pauses();
    routes
        .get(
            Paths.API + "/checker/{name}",
            (request, parts) -> {
              String checker = CheckerRequests.checker(parts.get(0));
              return tasks.leading(
                  () -> pauses.isPaused(checker), paused -> Json.object().put("paused", paused));
            })
        .post(
            Paths.API + "/checker/{name}",
            (request, parts) -> {
              String checker = CheckerRequests.checker(parts.get(0));
              Duration span = CheckerRequests.delay(request.body());
              return tasks.leading(
                  () -> {
                    pauses.pause(checker, span);
                    return span;
                  },
                  done ->
                      JsonNodeFactory.instance.textNode(
                          done.isZero() ? "Resume the checker." : "Pause the checker."));
            });
  }

  private CompletionStage<HttpAnswer> list(HttpRequest request) {
    Set<String> kinds =
        request
            .parameter("kind")
            .map(k -> Arrays.stream(k.split(",", -1)).collect(Collectors.toSet()))
            .orElse(Set.of());
    Predicate<Progress> wanted =
        progress ->
            kinds.isEmpty()
                || Arrays.stream(progress.operator().kindText().split(",", -1))
                    .anyMatch(kinds::contains);
    return tasks.leading(
        () -> leader.board().progress().stream().filter(wanted).toList(),
        running ->
            request.parameter("object").isPresent()
                ? OperatorJson.progress(running)
                : OperatorJson.sentences(running.stream().map(Progress::operator).toList()));
  }

  private static long region(List<String> parts) {
    return Paths.number("region id", parts.get(0));
  }
}
