package io.arrowraft.server.apply;

import io.arrowraft.storage.engine.EngineSnapshot;

/** Told of the commands of a consistency check when they are applied. On the apply loop. */
public interface ConsistencyListener {
  /** Nobody checks. */
  ConsistencyListener NONE =
      new ConsistencyListener() {
        @Override
        public void computeHash(long regionId, long index, boolean unhurried, EngineSnapshot data) {
          data.close();
        }

        @Override
        public void verifyHash(long regionId, long peerId, long index, long hash) {}
      };

  /**
   * The replicas hash what they hold after the entry at {@code index}.
   *
   * @param unhurried whether nobody waits for it
   * @param data as of that entry; the listener closes it
   */
  void computeHash(long regionId, long index, boolean unhurried, EngineSnapshot data);

  /**
   * A majority of replicas has this hash.
   *
   * @param peerId the replica here
   * @param index of the entry that asked for it
   */
  void verifyHash(long regionId, long peerId, long index, long hash);
}
