import type { Labels } from '../model/index.ts';

/**
 * Targets that were found together. A later group with the same `source` replaces this one; one without targets says that they
 * are gone.
 */
export interface TargetGroup {
  /** Names the group within its provider: a file and position, a URL, a record name. */
  readonly source: string;
  /** Shared by all targets; a target's own labels win. */
  readonly labels: Labels;
  /** Each with at least `__address__`. */
  readonly targets: readonly Labels[];
}

/** The label with a target's `host:port`. */
export const ADDRESS_LABEL = '__address__';
