package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.proto.kvrpcpb.MvccInfo;
import io.arrowraft.runtime.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a store holds of a key: its lock and all its versions. */
@Command(
    name = "mvcc",
    mixinStandardHelpOptions = true,
    description = {
      "Show the lock and all versions of a key, or of a key that a transaction has written.",
      "Values are shown as text where they are text."
    })
final class MvccQuery implements Callable<Integer> {
  private static final int REGIONS_PER_PAGE = 256;

  @Parameters(arity = "0..1", paramLabel = "KEY", description = "The key, as a client gives it.")
  private String key;

  @Option(names = "--hex", description = "The key is in hexadecimal.")
  private boolean hex;

  @Option(
      names = "--start-ts",
      paramLabel = "TIMESTAMP",
      description = "The first key found that the transaction with this start has written.")
  private Long startTs;

  @Option(
      names = "--region",
      paramLabel = "ID",
      description = "With --start-ts: look in this region alone, and not in one after the other.")
  private Long region;

  @Mixin private PdQuestions pd;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if ((key == null) == (startTs == null)) {
      throw new ParameterException(spec.commandLine(), "give a key or a --start-ts");
    }
    if (key != null && region != null) {
      throw new ParameterException(spec.commandLine(), "--region belongs to --start-ts");
    }
    try (RegionHistory history = new RegionHistory(pd)) {
      JsonNode found = key == null ? byStart(history) : byKey(history);
      return pd.print(found, MvccTable::of);
    }
  }

  private JsonNode byKey(RegionHistory history) {
    byte[] plain = plain();
    String regionKey =
        HexFormat.of().formatHex(KeySpace.TRANSACTIONAL.regionKey(Bytes.wrap(plain)).toByteArray());
    RegionHistory.Found found =
        history.of(
            ByteString.copyFrom(plain), () -> pd.ask("/region/key/" + regionKey + "?format=hex"));
    if (found.info().equals(MvccInfo.getDefaultInstance())) {
      throw new IllegalStateException(
          "region %d holds nothing of the key %s".formatted(found.region(), key));
    }
    return json(found);
  }

  private byte[] plain() {
    try {
      byte[] bytes = hex ? HexFormat.of().parseHex(key) : key.getBytes(StandardCharsets.UTF_8);
      if (bytes.length > 0) {
        return bytes;
      }
      throw new ParameterException(spec.commandLine(), "a key is not empty");
    } catch (IllegalArgumentException notHex) {
      throw new ParameterException(
          spec.commandLine(), "--hex: '" + key + "' is not hexadecimal", notHex);
    }
  }

  private JsonNode byStart(RegionHistory history) {
    if (region != null) {
      return history
          .ofTransaction(startTs, () -> pd.ask("/region/id/" + region))
          .map(MvccQuery::json)
          .orElseThrow(
              () ->
                  new IllegalStateException(
                      "region %d holds nothing of the transaction %d".formatted(region, startTs)));
    }
    int asked = 0;
    String from = "";
    while (true) {
      JsonNode page = pd.ask("/regions/key?key=" + from + "&format=hex&limit=" + REGIONS_PER_PAGE);
      for (JsonNode each : page.path("regions")) {
        asked++;
        long id = each.path("id").asLong();
        Optional<RegionHistory.Found> found =
            history.ofTransaction(startTs, () -> pd.ask("/region/id/" + id));
        if (found.isPresent()) {
          return json(found.get());
        }
        from = each.path("end_key").asText();
      }
      if (from.isEmpty() || page.path("regions").isEmpty()) {
        throw new IllegalStateException(
            "none of %d regions holds anything of the transaction %d".formatted(asked, startTs));
      }
    }
  }

  /** In the shape of TiDB's HTTP interface: bytes of values in base 64, the key in hexadecimal. */
  private static JsonNode json(RegionHistory.Found found) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("key", HexFormat.of().withUpperCase().formatHex(found.key().toByteArray()));
    json.put("region_id", found.region());
    ObjectNode info = json.putObject("value").putObject("info");
    MvccInfo history = found.info();
    if (history.hasLock()) {
      var lock = history.getLock();
      ObjectNode node = info.putObject("lock");
      node.put("type", lock.getType().name())
          .put("start_ts", lock.getStartTs())
          .put("primary", lock.getPrimary().toByteArray())
          .put("ttl", lock.getTtl());
      if (lock.getForUpdateTs() != 0) {
        node.put("for_update_ts", lock.getForUpdateTs());
      }
      if (lock.getUseAsyncCommit()) {
        node.put("use_async_commit", true);
        var secondaries = node.putArray("secondaries");
        lock.getSecondariesList().forEach(each -> secondaries.add(each.toByteArray()));
      }
      bytes(node, "short_value", lock.getShortValue());
    }
    for (var write : history.getWritesList()) {
      ObjectNode node =
          info.withArray("writes")
              .addObject()
              .put("type", write.getType().name())
              .put("start_ts", write.getStartTs())
              .put("commit_ts", write.getCommitTs());
      if (write.getHasOverlappedRollback()) {
        node.put("has_overlapped_rollback", true);
      }
      if (write.getHasGcFence()) {
        node.put("has_gc_fence", true).put("gc_fence", write.getGcFence());
      }
      bytes(node, "short_value", write.getShortValue());
    }
    for (var value : history.getValuesList()) {
      info.withArray("values")
          .addObject()
          .put("start_ts", value.getStartTs())
          .put("value", value.getValue().toByteArray());
    }
    return json;
  }

  private static void bytes(ObjectNode node, String field, ByteString value) {
    if (!value.isEmpty()) {
      node.put(field, value.toByteArray());
    }
  }
}
