/**
 * Back-pressure: how much new data a store takes on.
 *
 * <ol>
 *   <li>New writes are slowed down, and then refused, well before the engine itself makes writers
 *       wait: what has been proposed must be applied, and Raft's own traffic must never stand in a
 *       queue behind the engine's brakes.
 *   <li>A refusal happens before anything is done for the request, and says when to come back.
 *   <li>What frees space or finishes what was begun (commits, rollbacks, deletes) is not held up by
 *       the engine's pressure, nor by a disk that is nearly full.
 *   <li>In a queue that does not drain no more writes wait than the store carries out within {@link
 *       io.arrowraft.server.flow.FlowLimits#queueDelayMax}: a longer one only makes answers late.
 * </ol>
 *
 * <p>Bounds of a store, where each is set, and its default:
 *
 * <table>
 *   <caption>Bounds</caption>
 *   <tr><th>what</th><th>setting</th><th>default</th></tr>
 *   <tr><td>writes that wait or run</td><td>{@code SchedulerLimits.pendingCommandsMax}</td><td>10,000, and
 *       what is done in {@code queueDelayMax} = 200 ms</td></tr>
 *   <tr><td>their bytes, proposals in flight included</td><td>{@code SchedulerLimits.pendingBytesMax}</td>
 *       <td>100 MiB</td></tr>
 *   <tr><td>requests to one region</td><td>{@code RegionConfig.requestsPerRegionMax}</td><td>8,192</td></tr>
 *   <tr><td>proposals of one region</td><td>{@code RaftGroupConfig.proposalsMax}</td><td>4,096</td></tr>
 *   <tr><td>their bytes, not committed</td><td>{@code RaftOptions.uncommittedBytesMax}</td><td>64 MiB</td></tr>
 *   <tr><td>committed bytes of a region that wait to be applied</td><td>{@code
 *       RaftOptions.applyingBytesMax}</td><td>64 MiB</td></tr>
 *   <tr><td>messages in front of one region loop</td><td>{@code MultiRaft.Config.mailboxMax}, {@code
 *       mailboxBytesMax}</td><td>65,536, 128 MiB</td></tr>
 *   <tr><td>Raft messages to one store</td><td>{@code RpcTransportOptions.queuedBytesMax}</td><td>64 MiB</td></tr>
 *   <tr><td>entries sent to a peer and not acknowledged</td><td>{@code
 *       RaftOptions.inflightMessagesMax}, {@code inflightBytesMax}</td><td>256, 16 MiB</td></tr>
 *   <tr><td>recent log entries in memory, one region</td><td>{@code RaftGroupConfig.cacheBytesMax}</td>
 *       <td>1 MiB</td></tr>
 *   <tr><td>the same, all regions</td><td>{@code RaftLogEngine.CACHE_BYTES_MAX}</td><td>128 MiB</td></tr>
 *   <tr><td>reads that wait</td><td>{@code ServiceConfig.readQueueMax}</td><td>10,000</td></tr>
 *   <tr><td>coprocessor requests</td><td>{@code CoprocessorConfig.requestsMax}</td><td>see there</td></tr>
 *   <tr><td>calls on one connection</td><td>{@code GrpcTransportOptions.callsPerConnectionMax}</td>
 *       <td>1,024</td></tr>
 *   <tr><td>bytes under way on one stream</td><td>{@code GrpcTransportOptions.flowControlWindowBytes}</td>
 *       <td>4 MiB</td></tr>
 *   <tr><td>snapshots out, in</td><td>{@code SnapshotLimits.sentMax}, {@code
 *       receivedMax}</td><td>32, 32</td></tr>
 *   <tr><td>bytes of snapshots out, in</td><td>{@code SnapshotLimits.bytesPerSecond}</td><td>100 MiB/s</td></tr>
 * </table>
 *
 * <p>Threading: {@link io.arrowraft.server.flow.FlowController} may be asked and told by any
 * thread; the probe lives on a loop of its owner and measures on a worker.
 */
package io.arrowraft.server.flow;
