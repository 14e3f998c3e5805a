package io.arrowraft.pd.member;

import io.arrowraft.proto.pd.AnnounceRequest;
import io.arrowraft.proto.pd.AnnounceResponse;
import io.arrowraft.proto.pd.ConfirmRequest;
import io.arrowraft.proto.pd.ConfirmResponse;
import io.arrowraft.proto.pd.HttpQuestion;
import io.arrowraft.proto.pd.HttpReply;
import io.arrowraft.proto.pd.JoinRequest;
import io.arrowraft.proto.pd.JoinResponse;
import io.arrowraft.proto.pd.MembersGrpc;
import io.arrowraft.proto.pd.PingRequest;
import io.arrowraft.proto.pd.PingResponse;
import io.arrowraft.proto.pdpb.GetMembersRequest;
import io.arrowraft.proto.pdpb.GetMembersResponse;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.rpc.RpcMethod;

/** What members ask of one another. */
final class MemberRpc {
  static final RpcMethod<GetMembersRequest, GetMembersResponse> GET_MEMBERS =
      RpcMethods.of(PDGrpc.getGetMembersMethod());
  static final RpcMethod<JoinRequest, JoinResponse> JOIN =
      RpcMethods.of(MembersGrpc.getJoinMethod());
  static final RpcMethod<AnnounceRequest, AnnounceResponse> ANNOUNCE =
      RpcMethods.of(MembersGrpc.getAnnounceMethod());
  static final RpcMethod<ConfirmRequest, ConfirmResponse> CONFIRM =
      RpcMethods.of(MembersGrpc.getConfirmMethod());
  static final RpcMethod<PingRequest, PingResponse> PING =
      RpcMethods.of(MembersGrpc.getPingMethod());
  static final RpcMethod<HttpQuestion, HttpReply> ASK = RpcMethods.of(MembersGrpc.getAskMethod());

  private MemberRpc() {}
}
