import { Labels, METRIC_NAME } from '../../model/index.ts';
import type { VectorOperator } from './operator.ts';

/** Which group each series of an operator belongs to. */
export interface Grouping {
  /** Group by series. */
  readonly groupOf: Uint32Array<ArrayBuffer>;
  /** First series of each group. */
  readonly firsts: readonly number[];
}

/** Numbers label sets so that two get the same number exactly when they agree on the labels that count. */
export class LabelIndex {
  /** How many numbers have been given: they count from 0. */
  count = 0;
  readonly #find: (labels: Labels) => number;

  /**
   * @param names the labels that count
   * @param without all labels count but `names` and the metric name
   */
  constructor(names: readonly string[], without: boolean) {
    if (without) this.#find = this.#byKey(new Set(names));
    else if (names.length === 0) this.#find = () => ((this.count = 1), 0);
    else this.#find = this.#byValues(names);
  }

  /** The number of a label set: one already given, or `count` as it was before. */
  numberOf(labels: Labels): number {
    return this.#find(labels);
  }

  #byKey(excluded: ReadonlySet<string>): (labels: Labels) => number {
    const numbers = new Map<string, number>();
    return (labels) => {
      const key = labels.keyWithout(excluded);
      let number = numbers.get(key);
      if (number === undefined) numbers.set(key, (number = this.count++));
      return number;
    };
  }

  /** A tree with one level per label: looking up a value the storage has interned is much cheaper than joining values into a key. */
  #byValues(names: readonly string[]): (labels: Labels) => number {
    const root: ValueTree = new Map();
    const last = names.length - 1;
    return (labels) => {
      let level = root;
      for (let n = 0; n < last; n++) {
        const value = labels.get(names[n]!);
        let below = level.get(value) as ValueTree | undefined;
        if (below === undefined) level.set(value, (below = new Map()));
        level = below;
      }
      const value = labels.get(names[last]!);
      let number = level.get(value) as number | undefined;
      if (number === undefined) level.set(value, (number = this.count++));
      return number;
    };
  }
}

/** Values of one label, each leading to those of the next, and at the last to the number. */
type ValueTree = Map<string, ValueTree | number>;

/** Groups series by the labels `names` (`by`) or by all others but the metric name (`without`). */
export function groupSeries(operator: VectorOperator, names: readonly string[], without: boolean): Grouping {
  const { size } = operator;
  const groupOf = new Uint32Array(size);
  if (size === 0) return { groupOf, firsts: [] };
  // No label need be looked at.
  if (!without && names.length === 0) return { groupOf, firsts: [0] };
  const firsts: number[] = [];
  const index = new LabelIndex(names, without);
  for (let i = 0; i < size; i++) {
    const group = index.numberOf(operator.labels(i));
    if (group === firsts.length) firsts.push(i);
    groupOf[i] = group;
  }
  return { groupOf, firsts };
}

/** The labels of a group, from those of any of its series. */
export function groupLabels(labels: Labels, names: readonly string[], without: boolean): Labels {
  if (without) return labels.drop(new Set([...names, METRIC_NAME]));
  return names.length === 0 ? Labels.EMPTY : labels.keep(new Set(names));
}
