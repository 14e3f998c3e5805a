package io.arrowraft.client.batch;

import com.google.protobuf.Message;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One request on its way.
 *
 * @param what the method and the address, for messages
 * @param answered takes the answer
 * @param failed takes the failure
 * @param alone sends the request on a call of its own
 * @param abandoned whether the caller has lost interest
 */
record BatchEntry(
    BatchKind kind,
    Message request,
    Deadline deadline,
    String what,
    Consumer<Message> answered,
    Consumer<RpcException> failed,
    Runnable alone,
    Supplier<Boolean> abandoned) {}
