package io.arrowraft.pd.service;

import io.arrowraft.proto.pdpb.GetMembersResponse;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.rpc.RpcMethods;
import java.util.concurrent.CompletableFuture;

/** Who is there and who leads: answered whatever the caller believes. */
final class MemberHandlers {
  private final Member self;
  private final LeaderState leader;

  MemberHandlers(Member self, LeaderState leader) {
    this.self = self;
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
    io.arrowraft.proto.pdpb.Member member =
        io.arrowraft.proto.pdpb.Member.newBuilder()
            .setName(self.name())
            .setMemberId(self.id())
            .addClientUrls("http://" + self.clientAddress())
            .build();
    GetMembersResponse.Builder response =
        GetMembersResponse.newBuilder()
            .setHeader(Headers.ok(leader.state().clusterId()))
            .addMembers(member);
    if (leader.serving()) {
      response.setLeader(member).setEtcdLeader(member);
    }
    return response.build();
  }
}
