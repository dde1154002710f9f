/** The types both formats know, in OpenMetrics' words; a text page's `untyped` is `unknown`. */
export type FamilyType =
  'counter' | 'gauge' | 'histogram' | 'gaugehistogram' | 'summary' | 'info' | 'stateset' | 'unknown';

/** One line with a value. */
export interface LintedSample {
  /** With its suffix. */
  readonly name: string;
  /** In the order exposed, each name once, empty values included. */
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  /** As written: seconds on OpenMetrics pages, ms on text pages. */
  readonly timestamp: number | undefined;
  readonly line: number;
}

/** What a page says of one family. */
export interface LintedFamily {
  readonly name: string;
  type: FamilyType;
  /** `undefined` where no HELP line was there; an empty text is a text. */
  help: string | undefined;
  unit: string | undefined;
  readonly samples: LintedSample[];
}

/** A family nothing is known of yet. */
export function newFamily(name: string): LintedFamily {
  return { name, type: 'unknown', help: undefined, unit: undefined, samples: [] };
}
