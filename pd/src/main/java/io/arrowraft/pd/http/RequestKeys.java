package io.arrowraft.pd.http;

import com.google.protobuf.ByteString;
import io.arrowraft.rpc.http.HttpRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Keys in requests. A key in a path is percent-encoded bytes, or hexadecimal digits where the query
 * says {@code format=hex}, which is also how answers write keys.
 */
final class RequestKeys {
  private static final String HEX = "hex";

  private RequestKeys() {}

  static ByteString ofPath(HttpRequest request, String segment) {
    if (request.parameter("format").filter(HEX::equals).isPresent()) {
      return hex(segment);
    }
    // One character a byte, so that any bytes come through.
    String decoded = URLDecoder.decode(segment, StandardCharsets.ISO_8859_1);
    return ByteString.copyFrom(decoded, StandardCharsets.ISO_8859_1);
  }

  static ByteString ofQuery(HttpRequest request, String name) {
    String value = request.parameter(name).orElse("");
    return request.parameter("format").filter(HEX::equals).isPresent()
        ? hex(value)
        : ByteString.copyFromUtf8(value);
  }

  static ByteString hex(String text) {
    try {
      return ByteString.copyFrom(HexFormat.of().parseHex(text));
    } catch (IllegalArgumentException broken) {
      throw new IllegalArgumentException("not a key in hexadecimal: '" + text + "'", broken);
    }
  }
}
