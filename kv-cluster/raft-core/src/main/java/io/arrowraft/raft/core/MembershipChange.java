package io.arrowraft.raft.core;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A change of {@link Membership}, as it travels in the data of a {@link EntryType#MEMBERSHIP}
 * entry.
 *
 * @param context the owner's own data; not interpreted here, shared and not copied
 */
public record MembershipChange(Transition transition, List<Step> steps, byte[] context) {
  private static final byte FORMAT_VERSION = 1;
  private static final int STEPS_MAX = 1024;
  private static final byte[] NO_CONTEXT = {};

  /** How the group gets from one membership to the other. */
  public enum Transition {
    /** At once; at most one voter may come or go. */
    SIMPLE,
    /** Into joint state, to be left by an explicit {@link #LEAVE_JOINT}. */
    ENTER_JOINT,
    /** Into joint state, left by the leader itself as soon as it is applied. */
    ENTER_JOINT_AUTO_LEAVE,
    /** Out of joint state; has no steps. */
    LEAVE_JOINT
  }

  public enum StepKind {
    ADD_VOTER,
    ADD_LEARNER,
    REMOVE
  }

  public record Step(StepKind kind, long peer) {
    public Step {
      Objects.requireNonNull(kind, "kind");
      if (peer <= 0) {
        throw new IllegalArgumentException("peer ids are positive: " + peer);
      }
    }
  }

  public MembershipChange {
    Objects.requireNonNull(transition, "transition");
    Objects.requireNonNull(context, "context");
    steps = List.copyOf(steps);
    if ((transition == Transition.LEAVE_JOINT) != steps.isEmpty()) {
      throw new IllegalArgumentException(transition + " with steps " + steps);
    }
    if (steps.size() > STEPS_MAX) {
      throw new IllegalArgumentException("too many steps: " + steps.size());
    }
  }

  public static MembershipChange simple(StepKind kind, long peer, byte[] context) {
    return new MembershipChange(Transition.SIMPLE, List.of(new Step(kind, peer)), context);
  }

  public static MembershipChange leaveJoint() {
    return new MembershipChange(Transition.LEAVE_JOINT, List.of(), NO_CONTEXT);
  }

  public byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(1 + 1 + 4 + steps.size() * 9 + 4 + context.length);
    out.put(FORMAT_VERSION).put((byte) transition.ordinal()).putInt(steps.size());
    for (Step step : steps) {
      out.put((byte) step.kind().ordinal()).putLong(step.peer());
    }
    return out.putInt(context.length).put(context).array();
  }

  /**
   * @throws IllegalArgumentException if the bytes are no change of a known format version
   */
  public static MembershipChange decode(byte[] bytes) {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      byte version = in.get();
      if (version != FORMAT_VERSION) {
        throw new IllegalArgumentException("membership change of format version " + version);
      }
      Transition transition = Transition.values()[in.get()];
      int count = in.getInt();
      if (count < 0 || count > STEPS_MAX) {
        throw new IllegalArgumentException("membership change with " + count + " steps");
      }
      List<Step> steps = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        steps.add(new Step(StepKind.values()[in.get()], in.getLong()));
      }
      int contextBytes = in.getInt();
      if (contextBytes != in.remaining()) {
        throw new IllegalArgumentException(
            "context of " + contextBytes + " bytes, " + in.remaining() + " present");
      }
      byte[] context = new byte[contextBytes];
      in.get(context);
      return new MembershipChange(transition, steps, context);
    } catch (BufferUnderflowException | ArrayIndexOutOfBoundsException malformed) {
      throw new IllegalArgumentException(
          "malformed membership change of " + bytes.length + " bytes", malformed);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MembershipChange that
        && transition == that.transition
        && steps.equals(that.steps)
        && Arrays.equals(context, that.context);
  }

  @Override
  public int hashCode() {
    return Objects.hash(transition, steps) * 31 + Arrays.hashCode(context);
  }

  @Override
  public String toString() {
    return transition + " " + steps;
  }
}
