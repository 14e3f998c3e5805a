/**
 * From Arrow batches to Spark's columns, on executors.
 *
 * <ol>
 *   <li>No row is made here: vectors are wrapped, never read value by value.
 *   <li>A batch is valid until the next one is asked for. Its buffers belong to the reader and are
 *       freed when the task ends, whatever way it ends.
 * </ol>
 *
 * <p>Threading: a reader belongs to the thread of its task.
 */
package io.arrowraft.spark.read;
