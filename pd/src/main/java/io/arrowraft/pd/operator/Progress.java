package io.arrowraft.pd.operator;

import io.arrowraft.proto.pdpb.OperatorStatus;

/**
 * How far an operator has come.
 *
 * @param step the step that it is at, from 0
 * @param beganMillis wall-clock time
 * @param endedMillis wall-clock time; 0 while it runs
 * @param reason why it ended, if that needs saying; else empty
 */
public record Progress(
    Operator operator,
    OperatorStatus status,
    int step,
    long beganMillis,
    long endedMillis,
    String reason) {}
