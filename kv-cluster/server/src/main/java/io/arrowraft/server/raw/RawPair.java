package io.arrowraft.server.raw;

import io.arrowraft.runtime.Bytes;

/** A raw key with its value. */
public record RawPair(Bytes key, Bytes value) {}
