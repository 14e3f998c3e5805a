/**
 * How coprocessor responses leave gRPC's buffers.
 *
 * <ol>
 *   <li>The data of a response is copied once, from the fragments it arrived in into one Arrow
 *       buffer. Everything else of a response is small.
 *   <li>A buffer belongs to whoever received the frame; a frame that fails to decode frees its own.
 * </ol>
 *
 * <p>Threading: decoding runs on gRPC's I/O threads; the codec holds no state but its allocator.
 */
package io.arrowraft.coprocessor.read.grpc;
