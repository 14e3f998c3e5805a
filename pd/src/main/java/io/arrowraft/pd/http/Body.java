package io.arrowraft.pd.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** What a request brings along, as JSON. Whatever is wrong with it is said in words. */
record Body(JsonNode node, String example) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads an object.
   *
   * @param example shown to whoever got it wrong
   */
  static Body object(String text, String example) {
    JsonNode node = parse(text, example);
    if (!node.isObject()) {
      throw new IllegalArgumentException("the body must be a JSON object such as " + example);
    }
    return new Body(node, example);
  }

  static JsonNode parse(String text, String example) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException broken) {
      throw new IllegalArgumentException(
          "the body must be JSON such as %s: %s".formatted(example, broken.getOriginalMessage()),
          broken);
    }
  }

  boolean has(String name) {
    return node.hasNonNull(name);
  }

  /** An id, which is above 0. */
  long id(String name) {
    JsonNode value = required(name);
    if (!value.canConvertToLong() || value.asLong() <= 0) {
      throw new IllegalArgumentException(
          "%s must be a number above 0, is %s; an example is %s".formatted(name, value, example));
    }
    return value.asLong();
  }

  List<Long> ids(String name) {
    List<Long> ids = new ArrayList<>();
    for (JsonNode each : required(name)) {
      if (!each.canConvertToLong() || each.asLong() <= 0) {
        throw new IllegalArgumentException(
            "%s must be numbers above 0, one is %s".formatted(name, each));
      }
      ids.add(each.asLong());
    }
    return ids;
  }

  double number(String name, double otherwise) {
    if (!has(name)) {
      return otherwise;
    }
    JsonNode value = node.get(name);
    if (!value.isNumber()) {
      throw new IllegalArgumentException(
          "%s must be a number, is %s; an example is %s".formatted(name, value, example));
    }
    return value.asDouble();
  }

  String text(String name) {
    return required(name).asText();
  }

  String text(String name, String otherwise) {
    return has(name) ? node.get(name).asText() : otherwise;
  }

  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    node.path(name).forEach(each -> texts.add(each.asText()));
    return texts;
  }

  /** Keys, which are written in hexadecimal. */
  List<ByteString> keys(String name) {
    List<ByteString> keys = new ArrayList<>();
    for (String hex : texts(name)) {
      try {
        keys.add(ByteString.copyFrom(HexFormat.of().parseHex(hex)));
      } catch (IllegalArgumentException broken) {
        throw new IllegalArgumentException(
            name + " must be keys in hexadecimal, not '" + hex + "'", broken);
      }
    }
    return keys;
  }

  private JsonNode required(String name) {
    if (!has(name)) {
      throw new IllegalArgumentException(
          "the body lacks %s; an example is %s".formatted(name, example));
    }
    return node.get(name);
  }
}
