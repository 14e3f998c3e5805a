package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.kvrpcpb.GetLockWaitInfoRequest;
import io.arrowraft.proto.kvrpcpb.GetLockWaitInfoResponse;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.PessimisticLockKeyResult;
import io.arrowraft.proto.kvrpcpb.PessimisticLockKeyResultType;
import io.arrowraft.proto.kvrpcpb.PessimisticLockRequest;
import io.arrowraft.proto.kvrpcpb.PessimisticLockResponse;
import io.arrowraft.proto.kvrpcpb.PessimisticLockWakeUpMode;
import io.arrowraft.proto.kvrpcpb.PessimisticRollbackRequest;
import io.arrowraft.proto.kvrpcpb.PessimisticRollbackResponse;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.server.lockwait.LockQueues;
import io.arrowraft.server.lockwait.LockWaitLimits;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.txn.TxnCommands;
import io.arrowraft.storage.txn.AcquirePessimisticLocks;
import io.arrowraft.storage.txn.AcquirePessimisticLocks.Acquired;
import io.arrowraft.storage.txn.AcquirePessimisticLocks.Key;
import io.arrowraft.storage.txn.AcquirePessimisticLocks.Reading;
import io.arrowraft.storage.txn.PessimisticRollback;
import io.arrowraft.storage.txn.TxnResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Answers what pessimistic transactions ask before their prewrite. */
final class PessimisticRequests {
  /** How much of a request's time it may spend waiting. */
  private static final int WAITING_PERCENT = 75;

  private final RequestGate gate;
  private final Answers answers;
  private final TxnCommands commands;
  private final LockQueues queues;
  private final LockWaitLimits limits;
  private final TimeSource time;

  PessimisticRequests(
      RequestGate gate,
      Answers answers,
      TxnCommands commands,
      LockQueues queues,
      LockWaitLimits limits,
      TimeSource time) {
    this.gate = gate;
    this.answers = answers;
    this.commands = commands;
    this.queues = queues;
    this.limits = limits;
    this.time = time;
  }

  CompletionStage<PessimisticLockResponse> lock(PessimisticLockRequest request, RpcCall call) {
    return answers.answer(
        lockForm(),
        () -> {
          RegionRequest region = gate.admit(request.getContext(), call);
          LockAttempts attempts =
              new LockAttempts(
                  commands,
                  queues,
                  new LockAttempts.Wish(
                      region,
                      command(request),
                      request.getSerializedSize(),
                      patience(request, region),
                      !request.getIsFirstLock(),
                      request.getContext().getResourceGroupTag()),
                  call);
          return attempts.run().thenApply(outcome -> response(request, outcome));
        });
  }

  private AcquirePessimisticLocks command(PessimisticLockRequest request) {
    boolean through = request.getWakeUpMode() == PessimisticLockWakeUpMode.WakeUpModeForceLock;
    if (through && request.getMutationsCount() != 1) {
      throw new InvalidRequestException(
          "WakeUpModeForceLock locks one key, and the request has " + request.getMutationsCount());
    }
    if (request.getForUpdateTs() == 0) {
      throw new InvalidRequestException("a pessimistic lock needs for_update_ts");
    }
    if (request.getLockOnlyIfExists() && !request.getReturnValues()) {
      throw new InvalidRequestException(
          "lock_only_if_exists needs return_values, which tells what was locked");
    }
    List<Key> keys = new ArrayList<>(request.getMutationsCount());
    for (Mutation mutation : request.getMutationsList()) {
      keys.add(key(mutation));
    }
    return new AcquirePessimisticLocks(
        keys,
        Bytes.wrap(gate.key(request.getPrimaryLock())),
        request.getStartVersion(),
        request.getLockTtl(),
        request.getForUpdateTs(),
        request.getMinCommitTs(),
        reading(request),
        request.getLockOnlyIfExists(),
        through);
  }

  private Key key(Mutation mutation) {
    if (mutation.getOp() != Op.PessimisticLock) {
      throw new InvalidRequestException(
          "a pessimistic lock cannot carry the operation " + mutation.getOp());
    }
    boolean mustNotExist = mutation.getAssertion() == io.arrowraft.proto.kvrpcpb.Assertion.NotExist;
    return new Key(Bytes.wrap(gate.key(mutation.getKey())), mustNotExist);
  }

  private static Reading reading(PessimisticLockRequest request) {
    if (request.getReturnValues()) {
      return Reading.VALUE;
    }
    return request.getCheckExistence() ? Reading.EXISTENCE : Reading.NOTHING;
  }

  /** Until when the request waits for locks; empty if it does not want to wait. */
  private Optional<Deadline> patience(PessimisticLockRequest request, RegionRequest region) {
    long wanted = request.getWaitTimeout();
    if (wanted < 0) {
      return Optional.empty();
    }
    Duration bound = limits.waitMax();
    if (wanted > 0 && wanted < bound.toMillis()) {
      bound = Duration.ofMillis(wanted);
    }
    // A wait that ends with the request would leave its caller without the lock's name, and so
    // without a way to find out that whoever holds it is dead: the rest is for the answer's way.
    Duration answered =
        region.deadline().remaining(time).multipliedBy(WAITING_PERCENT).dividedBy(100);
    return Optional.of(Deadline.after(bound.compareTo(answered) < 0 ? bound : answered, time));
  }

  private static PessimisticLockResponse response(
      PessimisticLockRequest request, LockAttempts.Outcome outcome) {
    PessimisticLockResponse.Builder response = PessimisticLockResponse.newBuilder();
    if (outcome.deadlock().isPresent()) {
      return response.addErrors(TxnErrors.deadlock(outcome.deadlock().get())).build();
    }
    if (outcome.result() instanceof TxnResult.Failure<List<Acquired>> failure) {
      failure.errors().forEach(error -> response.addErrors(TxnErrors.keyError(error)));
      return response.build();
    }
    List<Acquired> acquired = ((TxnResult.Success<List<Acquired>>) outcome.result()).value();
    boolean values = request.getReturnValues();
    for (Acquired each : acquired) {
      if (request.getWakeUpMode() == PessimisticLockWakeUpMode.WakeUpModeForceLock) {
        response.addResults(result(each));
      } else if (values || request.getCheckExistence()) {
        response.addNotFounds(!each.exists());
        if (values) {
          response.addValues(value(each));
        }
      }
    }
    return response.build();
  }

  private static PessimisticLockKeyResult result(Acquired acquired) {
    return PessimisticLockKeyResult.newBuilder()
        .setType(
            acquired.conflictTs() == 0
                ? PessimisticLockKeyResultType.LockResultNormal
                : PessimisticLockKeyResultType.LockResultLockedWithConflict)
        .setValue(value(acquired))
        .setExistence(acquired.exists())
        .setLockedWithConflictTs(acquired.conflictTs())
        .build();
  }

  private static ByteString value(Acquired acquired) {
    return acquired.value() == null
        ? ByteString.EMPTY
        : UnsafeByteOperations.unsafeWrap(acquired.value().unsafeArray());
  }

  private static ResponseForm<PessimisticLockResponse> lockForm() {
    return ResponseForm.transactional(
        error -> PessimisticLockResponse.newBuilder().setRegionError(error).build(),
        error -> PessimisticLockResponse.newBuilder().addErrors(error).build());
  }

  CompletionStage<PessimisticRollbackResponse> rollback(
      PessimisticRollbackRequest request, RpcCall call) {
    return answers.answer(
        ResponseForm.transactional(
            error -> PessimisticRollbackResponse.newBuilder().setRegionError(error).build(),
            (KeyError error) -> PessimisticRollbackResponse.newBuilder().addErrors(error).build()),
        () -> {
          RegionRequest region = gate.admit(request.getContext(), call);
          List<Bytes> keys = gate.keys(request.getKeysList()).stream().map(Bytes::wrap).toList();
          PessimisticRollback command =
              new PessimisticRollback(keys, request.getStartVersion(), request.getForUpdateTs());
          return commands
              .submit(region, command, request.getSerializedSize(), call)
              .thenApply(done -> PessimisticRollbackResponse.getDefaultInstance());
        });
  }

  CompletionStage<GetLockWaitInfoResponse> waiting(GetLockWaitInfoRequest request, RpcCall call) {
    return queues
        .waiting()
        .thenApply(
            waits -> {
              GetLockWaitInfoResponse.Builder response = GetLockWaitInfoResponse.newBuilder();
              waits.forEach(wait -> response.addEntries(wait.toProto()));
              return response.build();
            });
  }
}
