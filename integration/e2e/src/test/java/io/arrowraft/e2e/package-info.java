/**
 * The product as its users meet it: processes started by the launcher, the official TiKV client,
 * the shaded connector jar. No test here looks inside a process.
 */
package io.arrowraft.e2e;
