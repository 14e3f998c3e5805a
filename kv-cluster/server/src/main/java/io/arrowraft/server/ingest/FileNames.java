package io.arrowraft.server.ingest;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.importsst.Range;
import io.arrowraft.proto.importsst.SSTMeta;
import io.arrowraft.proto.kvrpcpb.APIVersion;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.state.Mutations;
import io.arrowraft.storage.engine.ColumnFamily;
import java.util.HexFormat;
import java.util.Locale;

/** Files as clients describe them and as stores record them. */
final class FileNames {
  private static final int UUID_BYTES = 16;

  private FileNames() {}

  /**
   * Checks what begins a stream.
   *
   * @throws RpcException INVALID_ARGUMENT saying what is wrong with it
   */
  static void check(SSTMeta meta) {
    if (meta.getUuid().size() != UUID_BYTES) {
      throw invalid("the uuid of a file has 16 bytes, not " + meta.getUuid().size());
    }
    if (meta.getRegionId() == 0 || !meta.hasRegionEpoch()) {
      throw invalid("a file needs the id and the epoch of its region");
    }
    if (meta.getApiVersion() == APIVersion.V2) {
      throw invalid("api_version V2 is not served: this cluster speaks V1");
    }
    if (!meta.getCipherIv().isEmpty()) {
      throw invalid("encrypted files are not served");
    }
  }

  /** Tells a file from all others, of the same stream too. */
  static StagedFile identity(SSTMeta meta, ColumnFamily family) {
    return StagedFile.newBuilder()
        .setName(name(meta, family))
        .setFamily(Mutations.familyOf(family))
        .setRegionId(meta.getRegionId())
        .setEpoch(meta.getRegionEpoch())
        .build();
  }

  /** The name of the file that {@code meta} describes, of the family that it names. */
  static String name(SSTMeta meta) {
    for (ColumnFamily family :
        new ColumnFamily[] {ColumnFamily.DEFAULT, ColumnFamily.WRITE, ColumnFamily.RAW}) {
      if (wireName(family).equals(meta.getCfName())) {
        return name(meta, family);
      }
    }
    // Raw data has no family of its own on the wire.
    throw invalid("family '" + meta.getCfName() + "' takes no files");
  }

  private static String name(SSTMeta meta, ColumnFamily family) {
    return HexFormat.of().formatHex(meta.getUuid().toByteArray())
        + "-"
        + Long.toUnsignedString(meta.getRegionId())
        + "-"
        + meta.getRegionEpoch().getConfVer()
        + "-"
        + meta.getRegionEpoch().getVersion()
        + "-"
        + wireName(family);
  }

  private static String wireName(ColumnFamily family) {
    return family.familyName().toLowerCase(Locale.ROOT);
  }

  /** What the client is told of a file. */
  static SSTMeta meta(SSTMeta asked, StagedFile file) {
    return asked.toBuilder()
        .setRange(Range.newBuilder().setStart(file.getFirstKey()).setEnd(file.getLastKey()).build())
        .setEndKeyExclusive(false)
        .setCrc32(file.getChecksum())
        .setLength(file.getBytes())
        .setCfName(wireName(Mutations.familyOf(file.getFamily())))
        .setTotalKvs(file.getPairs())
        .setTotalBytes(file.getBytes())
        .build();
  }

  static RpcException invalid(String problem) {
    return new RpcException(RpcStatus.INVALID_ARGUMENT, problem);
  }

  static byte[] bytes(ByteString key) {
    return key.toByteArray();
  }
}
