package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.kvrpcpb.AssertionLevel;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.txn.CommitWish;
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
    boolean pessimistic =
        request.getForUpdateTs() != 0
            || request.getPessimisticActionsList().stream()
                .anyMatch(
                    action -> action != PrewriteRequest.PessimisticAction.SKIP_PESSIMISTIC_CHECK);
    if (pessimistic) {
      throw new InvalidRequestException(
          "pessimistic transactions are not served; begin the transaction as optimistic");
    }
    List<PrewriteMutation> mutations = new ArrayList<>(request.getMutationsCount());
    for (Mutation mutation : request.getMutationsList()) {
      mutations.add(mutation(mutation, gate));
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
        0);
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
