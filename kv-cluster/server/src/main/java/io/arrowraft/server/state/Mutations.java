package io.arrowraft.server.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.store.DataCommand;
import io.arrowraft.proto.store.Family;
import io.arrowraft.proto.store.Mutation;
import io.arrowraft.proto.store.MutationKind;
import io.arrowraft.runtime.InvariantViolation;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.ArrayList;
import java.util.List;

/** Engine operations as log entries carry them. */
public final class Mutations {
  private Mutations() {}

  public static DataCommand encode(List<WriteBatch.Operation> operations) {
    DataCommand.Builder command = DataCommand.newBuilder();
    for (WriteBatch.Operation operation : operations) {
      command.addMutations(encode(operation));
    }
    return command.build();
  }

  public static List<WriteBatch.Operation> decode(DataCommand command) {
    List<WriteBatch.Operation> operations = new ArrayList<>(command.getMutationsCount());
    for (Mutation mutation : command.getMutationsList()) {
      operations.add(decode(mutation));
    }
    return operations;
  }

  private static Mutation encode(WriteBatch.Operation operation) {
    Mutation.Builder mutation = Mutation.newBuilder().setFamily(familyOf(operation.family()));
    if (operation instanceof WriteBatch.Put put) {
      mutation.setKind(MutationKind.PUT).setKey(wrap(put.key())).setValue(wrap(put.value()));
    } else if (operation instanceof WriteBatch.Delete delete) {
      mutation.setKind(MutationKind.DELETE).setKey(wrap(delete.key()));
    } else if (operation instanceof WriteBatch.DeleteRange range) {
      mutation
          .setKind(MutationKind.DELETE_RANGE)
          .setKey(wrap(range.start()))
          .setValue(wrap(range.end()));
    } else {
      throw new InvariantViolation("unknown kind of mutation", "operation", operation);
    }
    return mutation.build();
  }

  private static WriteBatch.Operation decode(Mutation mutation) {
    ColumnFamily family = familyOf(mutation.getFamily());
    byte[] key = mutation.getKey().toByteArray();
    return switch (mutation.getKind()) {
      case PUT -> new WriteBatch.Put(family, key, mutation.getValue().toByteArray());
      case DELETE -> new WriteBatch.Delete(family, key);
      case DELETE_RANGE ->
          new WriteBatch.DeleteRange(family, key, mutation.getValue().toByteArray());
      case UNRECOGNIZED ->
          throw new InvariantViolation(
              "unknown kind of mutation in the log", "kind", mutation.getKindValue());
    };
  }

  public static Family familyOf(ColumnFamily family) {
    return switch (family) {
      case DEFAULT -> Family.DEFAULT;
      case LOCK -> Family.LOCK;
      case WRITE -> Family.WRITE;
      case RAW -> Family.RAW;
      case RAFT ->
          throw new IllegalArgumentException("the store's own records are not for writers");
    };
  }

  public static ColumnFamily familyOf(Family family) {
    return switch (family) {
      case DEFAULT -> ColumnFamily.DEFAULT;
      case LOCK -> ColumnFamily.LOCK;
      case WRITE -> ColumnFamily.WRITE;
      case RAW -> ColumnFamily.RAW;
      case UNRECOGNIZED -> throw new InvariantViolation("unknown family in the log");
    };
  }

  private static ByteString wrap(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }
}
