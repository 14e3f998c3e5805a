/**
 * Executes coprocessor plans next to the data, over one region at one timestamp.
 *
 * <p>What goes over the wire for requests of type {@link
 * io.arrowraft.coprocessor.plan.PlanRequest#REQUEST_TYPE}:
 *
 * <ul>
 *   <li>{@code Request.data} is an encoded plan request, {@code ranges} are plain keys inside the
 *       region, {@code start_ts} is the read timestamp, {@code paging_size} a bound on the rows
 *       scanned.
 *   <li>{@code CoprocessorStream} answers with any number of responses. One with {@code data} holds
 *       exactly one Arrow IPC record batch message, without a schema, which follows from the plan.
 *   <li>A response with {@code range} settles what came before: the batches so far answer all rows
 *       of the requested ranges that lie inside {@code range}. The scan may be resumed from {@code
 *       range.end}. Batches that no {@code range} has settled do not count if the stream fails.
 *       Plans that yield rows in ascending order settle every few megabytes scanned; all others
 *       once, at the end.
 *   <li>At the end of a plan that was not refused comes a response without {@code data}, with
 *       {@code range} and {@code exec_details_v2.scan_detail_v2}: rows scanned in {@code
 *       processed_versions}, versions looked at in {@code total_versions}.
 *   <li>A lock in the way ends a plan: what lies before it is settled as above, then comes a
 *       response with {@code locked}. Resolve it and ask for the rest; the parts of an aggregate
 *       add up. A descending plan that meets a lock settles nothing.
 *   <li>A refusal is a single response with {@code region_error} or {@code other_error}; what does
 *       not fit a response ends the stream with a status.
 *   <li>Unary {@code Coprocessor} answers the same merged into one response, with the batches one
 *       after the other in {@code data}.
 * </ul>
 *
 * <ol>
 *   <li>No more batches are made than the receiver can take; a receiver that stalls holds a
 *       snapshot and its memory, but no thread.
 *   <li>An execution ends exactly once, and whatever ends it frees its snapshot, scanner and
 *       memory.
 *   <li>Memory is bounded for each plan and for all of them together; the refusal names the limit.
 *   <li>Rows pass from the engine's buffers to the plan without a copy for each row.
 * </ol>
 *
 * <p>Threading: {@code CoprocessorEndpoint} is safe for any thread; a plan is executed by one
 * worker at a time.
 */
package io.arrowraft.server.coprocessor;
