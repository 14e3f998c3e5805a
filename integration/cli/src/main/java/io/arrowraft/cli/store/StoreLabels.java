package io.arrowraft.cli.store;

import java.util.Map;
import java.util.TreeMap;

/** Labels as operators write them. */
public final class StoreLabels {
  private StoreLabels() {}

  /**
   * Reads labels.
   *
   * @param text such as {@code zone=a,host=h1}; empty for none
   * @throws IllegalArgumentException naming the word that is no label
   */
  public static Map<String, String> parse(String text) {
    Map<String, String> labels = new TreeMap<>();
    if (text.isBlank()) {
      return labels;
    }
    for (String word : text.trim().split("\\s*,\\s*")) {
      if (!word.matches("[\\w.\\-/]+=[\\w.\\-/]+")) {
        throw new IllegalArgumentException(
            "--labels must be key=value pairs, such as zone=a,host=h1; '" + word + "' is none");
      }
      String[] parts = word.split("=", 2);
      if (labels.put(parts[0], parts[1]) != null) {
        throw new IllegalArgumentException("--labels names " + parts[0] + " twice");
      }
    }
    return labels;
  }
}
