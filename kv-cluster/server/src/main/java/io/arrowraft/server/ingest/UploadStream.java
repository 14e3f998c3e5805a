package io.arrowraft.server.ingest;

import io.arrowraft.proto.importsst.SSTMeta;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * One stream of pairs: its messages are worked off one after the other, and no more than a few are
 * asked for ahead.
 *
 * @param <Q> its messages
 * @param <R> its answer
 */
final class UploadStream<Q, R> implements RpcReceiver<Q> {
  private static final int AHEAD = 2;

  /** How the two kinds of streams differ. */
  interface Form<Q, R> {
    /** The beginning of a stream, if the message is that. */
    Optional<SSTMeta> meta(Q message);

    void put(Upload upload, Q message);

    R answer(List<SSTMeta> metas);
  }

  private final Form<Q, R> form;
  private final RpcStream<R> responses;
  private final Executor workers;
  private final Function<SSTMeta, Upload> begin;
  private final Function<Throwable, RpcException> translate;
  private final Runnable ended;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean running;
  private boolean over;

  /** Touched by the running task alone. */
  private Upload upload;

  /**
   * @param begin makes the files of a stream, or throws
   * @param translate what of a failure the caller is told
   * @param ended run once, when nothing of the stream is left
   */
  UploadStream(
      Form<Q, R> form,
      RpcStream<R> responses,
      Executor workers,
      Function<SSTMeta, Upload> begin,
      Function<Throwable, RpcException> translate,
      Runnable ended) {
    this.form = form;
    this.responses = responses;
    this.workers = workers;
    this.begin = begin;
    this.translate = translate;
    this.ended = ended;
    responses.request(AHEAD);
  }

  @Override
  public void onMessage(Q message) {
    submit(() -> take(message));
  }

  @Override
  public void onComplete() {
    submit(this::finish);
  }

  @Override
  public void onError(RpcException failure) {
    submit(() -> end(null));
  }

  private void submit(Runnable step) {
    synchronized (this) {
      waiting.addLast(step);
      if (running) {
        return;
      }
      running = true;
    }
    try {
      workers.execute(this::drain);
    } catch (RejectedExecutionException full) {
      // Nothing of this stream runs, so its end can run here.
      end(new RpcException(RpcStatus.RESOURCE_EXHAUSTED, "too many imports run on this store"));
    }
  }

  private void drain() {
    while (true) {
      Runnable step;
      synchronized (this) {
        step = waiting.pollFirst();
        if (step == null) {
          running = false;
          return;
        }
      }
      if (over) {
        continue;
      }
      try {
        step.run();
      } catch (RuntimeException failure) {
        end(translate.apply(failure));
      }
    }
  }

  private void take(Q message) {
    Optional<SSTMeta> meta = form.meta(message);
    if (meta.isPresent()) {
      if (upload != null) {
        throw FileNames.invalid("a stream has one meta");
      }
      upload = begin.apply(meta.get());
    } else if (upload == null) {
      throw FileNames.invalid("a stream begins with its meta");
    } else {
      form.put(upload, message);
    }
    responses.request(1);
  }

  private void finish() {
    if (upload == null) {
      throw FileNames.invalid("a stream begins with its meta");
    }
    List<SSTMeta> metas = upload.finish();
    responses.send(form.answer(metas));
    responses.complete();
    end(null);
  }

  private void end(RpcException failure) {
    if (over) {
      return;
    }
    over = true;
    if (upload != null) {
      upload.close();
    }
    if (failure != null) {
      responses.fail(failure);
    }
    ended.run();
  }
}
