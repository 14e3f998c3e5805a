package io.arrowraft.pd.service;

import io.arrowraft.proto.pdpb.GetMembersResponse;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.rpc.RpcMethods;
import java.util.concurrent.CompletableFuture;

/** Who is there and who leads: answered by every member, whatever the caller believes. */
final class MemberHandlers {
  private final Members members;

  MemberHandlers(Members members) {
    this.members = members;
  }

  void bind(Bindings bindings) {
    bindings
        .service()
        .unary(
            RpcMethods.of(PDGrpc.getGetMembersMethod()),
            (request, call) -> bindings.onLoop(() -> CompletableFuture.completedFuture(members())));
  }

  private GetMembersResponse members() {
    long clusterId = members.clusterId();
    GetMembersResponse.Builder response =
        GetMembersResponse.newBuilder().setHeader(Headers.ok(clusterId));
    members.all().forEach(member -> response.addMembers(described(member)));
    // Who has not heard of a cluster yet knows nobody who leads it.
    members
        .leader()
        .filter(leader -> clusterId != 0)
        .map(MemberHandlers::described)
        .ifPresent(leader -> response.setLeader(leader).setEtcdLeader(leader));
    return response.build();
  }

  private static io.arrowraft.proto.pdpb.Member described(Member member) {
    return io.arrowraft.proto.pdpb.Member.newBuilder()
        .setName(member.name())
        .setMemberId(member.id())
        .addPeerUrls("http://" + member.clientAddress())
        .addClientUrls("http://" + member.clientAddress())
        .setLeaderPriority(member.priority())
        .build();
  }
}
