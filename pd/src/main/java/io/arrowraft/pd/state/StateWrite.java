package io.arrowraft.pd.state;

import com.google.protobuf.ByteString;

/**
 * One change of the stored records.
 *
 * @param value version byte and message; null deletes the record
 */
public record StateWrite(ByteString key, ByteString value) {}
