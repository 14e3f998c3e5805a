package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.kvrpcpb.AssertionLevel;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest.ForUpdateTSConstraint;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest.PessimisticAction;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.txn.CommitWish;
import io.arrowraft.storage.txn.PessimisticGuard;
import io.arrowraft.storage.txn.Prewrite;
import io.arrowraft.storage.txn.PrewriteMutation;
import io.arrowraft.storage.txn.PrewriteMutation.Operation;
import java.util.ArrayList;
import java.util.List;

/** Reads prewrite requests. */
final class Prewrites {
  private Prewrites() {}

  /** Whether the client would like a commit that the store times. */
  static boolean wantsEarlyCommit(PrewriteRequest request) {
    return request.getUseAsyncCommit() || request.getTryOnePc();
  }

  /** The command that {@code request} asks for. */
  static Prewrite command(PrewriteRequest request, RequestGate gate) {
    requireSound(request);
    List<PrewriteMutation> mutations = new ArrayList<>(request.getMutationsCount());
    for (int i = 0; i < request.getMutationsCount(); i++) {
      mutations.add(mutation(request.getMutations(i), gate).guardedBy(guard(request, i)));
    }
    return new Prewrite(
        mutations,
        Bytes.wrap(gate.key(request.getPrimaryLock())),
        request.getStartVersion(),
        request.getLockTtl(),
        request.getTxnSize(),
        request.getMinCommitTs(),
        request.getSkipConstraintCheck(),
        assertionLevel(request.getAssertionLevel()),
        new CommitWish(
            request.getTryOnePc(),
            request.getUseAsyncCommit(),
            request.getSecondariesList().stream()
                .map((ByteString key) -> Bytes.wrap(gate.key(key)))
                .toList(),
            request.getMaxCommitTs()),
        request.getForUpdateTs());
  }

  private static void requireSound(PrewriteRequest request) {
    int actions = request.getPessimisticActionsCount();
    if (actions != 0 && actions != request.getMutationsCount()) {
      throw new InvalidRequestException(
          "a prewrite of "
              + request.getMutationsCount()
              + " mutations has "
              + actions
              + " pessimistic actions; send one for each, or none");
    }
    boolean anyPessimistic =
        request.getPessimisticActionsList().stream()
            .anyMatch(action -> action != PessimisticAction.SKIP_PESSIMISTIC_CHECK);
    if (anyPessimistic && request.getForUpdateTs() == 0) {
      throw new InvalidRequestException(
          "a prewrite with pessimistic actions needs for_update_ts, the newest that was locked at");
    }
    boolean checks =
        request.getMutationsList().stream().anyMatch(each -> each.getOp() == Op.CheckNotExists);
    if (checks && request.getForUpdateTs() != 0) {
      throw new InvalidRequestException(
          "a pessimistic prewrite cannot carry CheckNotExists: check when the key is locked");
    }
  }

  private static PessimisticGuard guard(PrewriteRequest request, int index) {
    if (request.getPessimisticActionsCount() == 0) {
      return PessimisticGuard.NONE;
    }
    return switch (request.getPessimisticActions(index)) {
      case SKIP_PESSIMISTIC_CHECK -> PessimisticGuard.NONE;
      case DO_PESSIMISTIC_CHECK ->
          PessimisticGuard.LOCK.takenAt(expectedForUpdateTs(request, index));
      case DO_CONSTRAINT_CHECK -> PessimisticGuard.DEFERRED;
      case UNRECOGNIZED ->
          throw new InvalidRequestException(
              "unknown pessimistic action " + request.getPessimisticActionsValue(index));
    };
  }

  private static long expectedForUpdateTs(PrewriteRequest request, int index) {
    for (ForUpdateTSConstraint constraint : request.getForUpdateTsConstraintsList()) {
      if (constraint.getIndex() == index) {
        return constraint.getExpectedForUpdateTs();
      }
    }
    return 0;
  }

  private static PrewriteMutation mutation(Mutation mutation, RequestGate gate) {
    Bytes key = Bytes.wrap(gate.key(mutation.getKey()));
    Operation operation =
        switch (mutation.getOp()) {
          case Put -> Operation.PUT;
          case Del -> Operation.DELETE;
          case Lock -> Operation.LOCK;
          case Insert -> Operation.INSERT;
          case CheckNotExists -> Operation.CHECK_NOT_EXISTS;
          case Rollback, PessimisticLock, SharedLock, SharedPessimisticLock, UNRECOGNIZED ->
              throw new InvalidRequestException(
                  "a prewrite cannot carry the operation " + mutation.getOp());
        };
    boolean hasValue = operation == Operation.PUT || operation == Operation.INSERT;
    Bytes value = hasValue ? Bytes.wrap(mutation.getValue().toByteArray()) : null;
    return new PrewriteMutation(operation, key, value, assertion(mutation));
  }

  private static Prewrite.Assertion assertion(Mutation mutation) {
    return switch (mutation.getAssertion()) {
      case None, UNRECOGNIZED -> Prewrite.Assertion.NONE;
      case Exist -> Prewrite.Assertion.EXISTS;
      case NotExist -> Prewrite.Assertion.NOT_EXISTS;
    };
  }

  private static Prewrite.AssertionLevel assertionLevel(AssertionLevel level) {
    return switch (level) {
      case Off, UNRECOGNIZED -> Prewrite.AssertionLevel.OFF;
      case Fast -> Prewrite.AssertionLevel.FAST;
      case Strict -> Prewrite.AssertionLevel.STRICT;
    };
  }
}
