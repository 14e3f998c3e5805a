package io.arrowraft.raft.core;

import java.util.Optional;
import java.util.TreeSet;

/** A membership in the making: the rules of simple and joint changes (dissertation, chapter 4). */
final class MembershipDraft {
  private final TreeSet<Long> voters;
  private final TreeSet<Long> outgoing;
  private final TreeSet<Long> learners;
  private final TreeSet<Long> learnersNext;
  private boolean autoLeave;
  private String problem;

  private MembershipDraft(Membership start) {
    voters = new TreeSet<>(start.voters());
    outgoing = new TreeSet<>(start.outgoing());
    learners = new TreeSet<>(start.learners());
    learnersNext = new TreeSet<>(start.learnersNext());
    autoLeave = start.autoLeave();
  }

  static MembershipDraft of(Membership start, MembershipChange change) {
    MembershipDraft draft = new MembershipDraft(start);
    switch (change.transition()) {
      case SIMPLE -> draft.simple(start, change);
      case ENTER_JOINT, ENTER_JOINT_AUTO_LEAVE -> draft.enterJoint(change);
      case LEAVE_JOINT -> draft.leaveJoint();
    }
    if (draft.problem == null && draft.voters.isEmpty()) {
      draft.problem = "no voter would remain";
    }
    return draft;
  }

  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  Membership membership() {
    if (problem != null) {
      throw new IllegalArgumentException(problem);
    }
    return new Membership(voters, outgoing, learners, learnersNext, autoLeave);
  }

  private void simple(Membership start, MembershipChange change) {
    if (start.isJoint()) {
      problem = "a simple change is impossible in joint state";
      return;
    }
    applySteps(change);
    int differences = 0;
    for (long voter : voters) {
      differences += start.voters().contains(voter) ? 0 : 1;
    }
    for (long voter : start.voters()) {
      differences += voters.contains(voter) ? 0 : 1;
    }
    // Majorities of two memberships that differ in one voter always intersect; those that differ in
    // more may not.
    if (differences > 1) {
      problem = "more than one voter changes without joint consensus: " + differences;
    }
  }

  private void enterJoint(MembershipChange change) {
    if (!outgoing.isEmpty()) {
      problem = "already in joint state";
      return;
    }
    if (voters.isEmpty()) {
      problem = "a group without voters cannot enter joint state";
      return;
    }
    outgoing.addAll(voters);
    applySteps(change);
    autoLeave = change.transition() == MembershipChange.Transition.ENTER_JOINT_AUTO_LEAVE;
  }

  private void leaveJoint() {
    if (outgoing.isEmpty()) {
      problem = "not in joint state";
      return;
    }
    learners.addAll(learnersNext);
    learnersNext.clear();
    outgoing.clear();
    autoLeave = false;
  }

  private void applySteps(MembershipChange change) {
    for (MembershipChange.Step step : change.steps()) {
      switch (step.kind()) {
        case ADD_VOTER -> {
          learners.remove(step.peer());
          learnersNext.remove(step.peer());
          voters.add(step.peer());
        }
        case ADD_LEARNER -> {
          remove(step.peer());
          // A peer that still votes in the outgoing half may not be a learner yet.
          (outgoing.contains(step.peer()) ? learnersNext : learners).add(step.peer());
        }
        case REMOVE -> remove(step.peer());
      }
    }
  }

  private void remove(long peer) {
    voters.remove(peer);
    learners.remove(peer);
    learnersNext.remove(peer);
  }
}
