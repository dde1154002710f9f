export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';

/** One line of an exposition: the family's name plus `suffix` (`''`, `_bucket`, `_sum`, `_count`), flat label pairs, the value. */
export interface FamilySample {
  readonly suffix: string;
  /** name, value, name, value … in the order they are to be written. */
  readonly labels: readonly string[];
  readonly value: number;
}

/** A metric family as it is exposed: what a collector yields and an exposition writer takes. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: FamilyType;
  readonly samples: readonly FamilySample[];
}

/** Yields families at the moment of asking. Must not throw: a collector that fails reports it as a metric of its own. */
export interface Collector {
  collect(): readonly MetricFamily[];
}
