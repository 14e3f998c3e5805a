package io.arrowraft.bench.ycsb;

import io.arrowraft.runtime.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import site.ycsb.ByteArrayByteIterator;
import site.ycsb.ByteIterator;

/** A record's fields as one value: for each, the lengths of name and content, and both. */
final class FieldCodec {
  private FieldCodec() {}

  static Bytes encode(Map<String, byte[]> fields) {
    int size = 0;
    Map<byte[], byte[]> named = new LinkedHashMap<>();
    for (Map.Entry<String, byte[]> field : new TreeMap<>(fields).entrySet()) {
      byte[] name = field.getKey().getBytes(StandardCharsets.UTF_8);
      named.put(name, field.getValue());
      size += 2 * Integer.BYTES + name.length + field.getValue().length;
    }
    ByteBuffer buffer = ByteBuffer.allocate(size);
    named.forEach(
        (name, content) ->
            buffer.putInt(name.length).putInt(content.length).put(name).put(content));
    return Bytes.wrap(buffer.array());
  }

  static Map<String, byte[]> decode(Bytes value) {
    Map<String, byte[]> fields = new LinkedHashMap<>();
    ByteBuffer buffer = ByteBuffer.wrap(value.unsafeArray());
    while (buffer.hasRemaining()) {
      byte[] name = new byte[buffer.getInt()];
      byte[] content = new byte[buffer.getInt()];
      buffer.get(name).get(content);
      fields.put(new String(name, StandardCharsets.UTF_8), content);
    }
    return fields;
  }

  static Map<String, byte[]> contents(Map<String, ByteIterator> values) {
    Map<String, byte[]> fields = new LinkedHashMap<>();
    values.forEach((name, content) -> fields.put(name, content.toArray()));
    return fields;
  }

  /**
   * @param wanted names of fields; null for all
   */
  static void copy(Bytes value, Set<String> wanted, Map<String, ByteIterator> result) {
    decode(value)
        .forEach(
            (name, content) -> {
              if (wanted == null || wanted.contains(name)) {
                result.put(name, new ByteArrayByteIterator(content));
              }
            });
  }
}
