package io.arrowraft.pd.service;

import java.util.List;
import java.util.Optional;

/** The members of the placement driver as this one knows them. Asked on the loop. */
public interface Members {
  /** This member. */
  Member self();

  /** All members, this one included, by id. */
  List<Member> all();

  /** The leader as far as this member knows; this member itself only once it serves. */
  Optional<Member> leader();

  /** 0 before it is known. */
  long clusterId();
}
