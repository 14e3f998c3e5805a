package io.arrowraft.coprocessor.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.read.ScriptedStores.Trouble;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.table.TableKeys;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

class RegionTableReaderPropertyTest {
  @Property(tries = 60)
  void everyRowComesOnceWhateverHappens(
      @ForAll @Size(max = 6) List<@IntRange(min = 0, max = 11) Integer> batches,
      @ForAll @Size(max = 4) List<@IntRange(min = 1, max = 99) Integer> splits,
      @ForAll boolean aggregate) {
    try (BufferAllocator own = new RootAllocator();
        ScriptedStores scripted = new ScriptedStores()) {
      splits.stream().distinct().sorted().forEach(scripted::splitAt);
      for (int i = 0; i < batches.size(); i++) {
        scripted.script.add(
            new Trouble(batches.get(i), i % 2 == 0 ? Trouble.Kind.BROKEN : Trouble.Kind.LOCKED));
      }
      try (TableReader reader =
          scripted
              .readers(own)
              .open(
                  new ReadRequest(
                      PlanRequest.of(
                          aggregate ? RegionTableReaderTest.COUNT : RegionTableReaderTest.SCAN),
                      List.of(TableKeys.tableRange(ScriptedStores.TABLE)),
                      new Timestamp(1000),
                      ReadLimits.defaults()))) {
        List<Long> values = RegionTableReaderTest.drain(reader);
        if (aggregate) {
          assertThat(values.stream().mapToLong(Long::longValue).sum())
              .isEqualTo(ScriptedStores.ROWS);
        } else {
          assertThat(values).isEqualTo(RegionTableReaderTest.ALL);
        }
      }
    }
  }
}
