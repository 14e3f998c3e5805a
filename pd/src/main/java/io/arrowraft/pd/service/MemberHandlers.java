package io.arrowraft.pd.service;

import io.arrowraft.proto.pdpb.GetMembersResponse;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.rpc.RpcMethods;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Who is there and who leads: answered whatever the caller believes. */
final class MemberHandlers {
  private final Supplier<Member> member;
  private final LeaderState leader;

  MemberHandlers(Supplier<Member> member, LeaderState leader) {
    this.member = member;
    this.leader = leader;
  }

  void bind(Bindings bindings) {
    bindings
        .service()
        .unary(
            RpcMethods.of(PDGrpc.getGetMembersMethod()),
            (request, call) -> bindings.onLoop(() -> CompletableFuture.completedFuture(members())));
  }

  private GetMembersResponse members() {
    Member self = member.get();
    io.arrowraft.proto.pdpb.Member described =
        io.arrowraft.proto.pdpb.Member.newBuilder()
            .setName(self.name())
            .setMemberId(self.id())
            .addClientUrls("http://" + self.clientAddress())
            .build();
    GetMembersResponse.Builder response =
        GetMembersResponse.newBuilder()
            .setHeader(Headers.ok(leader.state().clusterId()))
            .addMembers(described);
    if (leader.serving()) {
      response.setLeader(described).setEtcdLeader(described);
    }
    return response.build();
  }
}
