package io.arrowraft.pd.replication;

import io.arrowraft.proto.pd.MemberRecord;
import io.arrowraft.raft.grpc.StoreAddresses;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where members are reached: as they say themselves with each message, as the state says, and as
 * the initial cluster says in which this process was started. Where these differ they are tried in
 * turn, since each may be the newest; a member refuses what is meant for another. Written on the
 * loop, read by any thread.
 */
final class MemberAddresses implements StoreAddresses {
  private final Map<Long, String> configured = new TreeMap<>();
  private final Map<Long, String> recorded = new TreeMap<>();
  private final Map<Long, String> heard = new TreeMap<>();
  private final AtomicLong attempts = new AtomicLong();
  private volatile Map<Long, List<String>> known = Map.of();

  MemberAddresses(List<InitialMember> initial) {
    initial.forEach(member -> configured.put(member.id(), member.address()));
    refresh();
  }

  /** Takes note of the members in the state. */
  void publish(Collection<MemberRecord> members) {
    recorded.clear();
    for (MemberRecord member : members) {
      recorded.put(member.getId(), member.getAddress());
    }
    // Of those that are no members only the ones that lead this one may matter, and they send anew.
    heard.keySet().retainAll(recorded.keySet());
    refresh();
  }

  /** A member says where it is reached. */
  void hear(long member, String address) {
    if (!address.equals(heard.put(member, address))) {
      refresh();
    }
  }

  private void refresh() {
    Map<Long, Set<String>> all = new TreeMap<>();
    for (Map<Long, String> source : List.of(heard, recorded, configured)) {
      source.forEach(
          (member, address) -> {
            if (!address.isEmpty()) {
              all.computeIfAbsent(member, id -> new LinkedHashSet<>()).add(address);
            }
          });
    }
    Map<Long, List<String>> next = new TreeMap<>();
    all.forEach((member, addresses) -> next.put(member, List.copyOf(addresses)));
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
