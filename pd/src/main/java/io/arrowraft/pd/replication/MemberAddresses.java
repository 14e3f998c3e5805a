package io.arrowraft.pd.replication;

import io.arrowraft.proto.pd.MemberRecord;
import io.arrowraft.raft.grpc.StoreAddresses;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where members are reached: as the state says, and as the initial cluster says in which this
 * process was started. Where the two differ they are tried in turn, since either may be the newer
 * one; a member refuses what is meant for another. Written on the loop, read by any thread.
 */
final class MemberAddresses implements StoreAddresses {
  private final Map<Long, String> configured = new TreeMap<>();
  private final AtomicLong attempts = new AtomicLong();
  private volatile Map<Long, List<String>> known;

  MemberAddresses(List<InitialMember> initial) {
    initial.forEach(member -> configured.put(member.id(), member.address()));
    publish(List.of());
  }

  /** Takes note of the members in the state. */
  void publish(Collection<MemberRecord> members) {
    Map<Long, List<String>> next = new TreeMap<>();
    configured.forEach((id, address) -> next.put(id, List.of(address)));
    for (MemberRecord member : members) {
      if (!member.getAddress().isEmpty()) {
        List<String> addresses = new ArrayList<>(List.of(member.getAddress()));
        String other = configured.get(member.getId());
        if (other != null && !other.equals(member.getAddress())) {
          addresses.add(other);
        }
        next.put(member.getId(), List.copyOf(addresses));
      }
    }
    known = next;
  }

  @Override
  public CompletionStage<String> addressOf(long member) {
    List<String> addresses = known.getOrDefault(member, List.of());
    if (addresses.isEmpty()) {
      return CompletableFuture.failedFuture(
          new RpcException(
              RpcStatus.NOT_FOUND, "no address of member " + Long.toUnsignedString(member)));
    }
    return CompletableFuture.completedFuture(
        addresses.size() == 1
            ? addresses.get(0)
            : addresses.get((int) (attempts.getAndIncrement() % addresses.size())));
  }
}
