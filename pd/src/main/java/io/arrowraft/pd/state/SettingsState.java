package io.arrowraft.pd.state;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Named values that operators have set: part of the replicated state. */
public final class SettingsState {
  private final TreeMap<String, String> values = new TreeMap<>();
  private long revision;

  SettingsState() {}

  void load(String name, String value) {
    values.put(name, value);
    revision++;
  }

  void become(SettingsState other) {
    values.clear();
    values.putAll(other.values);
    revision++;
  }

  Applied change(PdCommand.ChangeSettings change) {
    List<StateWrite> writes = new ArrayList<>();
    for (String name : change.removed()) {
      if (values.remove(name) != null) {
        writes.add(StateRecords.deleteSetting(name));
      }
    }
    change
        .put()
        .forEach(
            (name, value) -> {
              values.put(name, value);
              writes.add(StateRecords.put(name, value));
            });
    revision++;
    return new Applied(new PdResult.Done(), writes);
  }

  /** All of them by name. */
  public Map<String, String> all() {
    return Collections.unmodifiableMap(values);
  }

  /** Those whose names begin with {@code prefix}. */
  public SortedMap<String, String> under(String prefix) {
    return Collections.unmodifiableSortedMap(
        values.subMap(prefix, true, prefix + Character.MAX_VALUE, true));
  }

  public Optional<String> value(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /**
   * Grows with every change, so that what is made of the values can be kept until then. Means
   * nothing outside of this process.
   */
  public long revision() {
    return revision;
  }
}
