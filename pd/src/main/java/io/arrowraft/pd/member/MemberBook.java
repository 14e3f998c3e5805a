package io.arrowraft.pd.member;

import io.arrowraft.pd.replication.GroupView;
import io.arrowraft.pd.replication.MemberLog;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.service.Member;
import io.arrowraft.pd.service.Members;
import io.arrowraft.proto.pd.MemberRecord;
import io.arrowraft.raft.core.Membership;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The members as the state and the group know them. Lives on the loop. */
public final class MemberBook implements Members {
  private final String name;
  private final Supplier<String> address;
  private final MemberLog log;
  private final LeaderState leader;

  /**
   * @param address of this member, known once it listens
   */
  public MemberBook(String name, Supplier<String> address, MemberLog log, LeaderState leader) {
    this.name = name;
    this.address = address;
    this.log = log;
    this.leader = leader;
  }

  @Override
  public Member self() {
    long id = log.memberId();
    return find(id).orElseGet(() -> new Member(name, id, address.get(), 0, false));
  }

  @Override
  public List<Member> all() {
    Optional<Membership> membership = log.view().map(view -> view.status().membership());
    List<Member> members = new ArrayList<>();
    for (MemberRecord record : leader.state().members()) {
      boolean voter = membership.map(m -> m.isVoter(record.getId())).orElse(false);
      members.add(described(record, voter));
    }
    if (members.stream().noneMatch(member -> member.id() == log.memberId())) {
      members.add(new Member(name, log.memberId(), address.get(), 0, false));
    }
    return members;
  }

  @Override
  public Optional<Member> leader() {
    return log.view()
        .filter(view -> !view.leads() || leader.serving())
        .map(GroupView::leader)
        .flatMap(this::find);
  }

  @Override
  public long clusterId() {
    return log.clusterId();
  }

  /** The member with an id. */
  Optional<Member> find(long id) {
    return all().stream().filter(member -> member.id() == id && id != 0).findFirst();
  }

  private Member described(MemberRecord record, boolean voter) {
    // Of itself a member knows better than the state where it is reached.
    String where = record.getId() == log.memberId() ? address.get() : record.getAddress();
    return new Member(record.getName(), record.getId(), where, record.getPriority(), voter);
  }
}
