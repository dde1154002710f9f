import { Labels, METRIC_NAME } from '../../model/index.ts';
import type { VectorOperator } from './operator.ts';

/** Which group each series of an operator belongs to. */
export interface Grouping {
  /** Group by series. */
  readonly groupOf: Uint32Array;
  /** First series of each group. */
  readonly firsts: readonly number[];
}

/**
 * Groups series by the labels `names` (`by`) or by all others but the metric name (`without`).
 *
 * @param names sorted
 */
export function groupSeries(operator: VectorOperator, names: readonly string[], without: boolean): Grouping {
  const { size } = operator;
  const groupOf = new Uint32Array(size);
  const firsts: number[] = [];
  if (size === 0) return { groupOf, firsts };
  if (!without && names.length === 0) return { groupOf, firsts: [0] };

  if (without) {
    const excluded = new Set(names);
    const byKey = new Map<string, number>();
    for (let i = 0; i < size; i++) {
      const key = operator.labels(i).keyWithout(excluded);
      let group = byKey.get(key);
      if (group === undefined) {
        group = firsts.push(i) - 1;
        byKey.set(key, group);
      }
      groupOf[i] = group;
    }
    return { groupOf, firsts };
  }

  // A tree with one level per label: looking up a value the storage has interned is much cheaper than joining values into a key.
  const root: ValueTree = new Map();
  const last = names.length - 1;
  for (let i = 0; i < size; i++) {
    const labels = operator.labels(i);
    let level = root;
    for (let n = 0; n < last; n++) {
      const value = labels.get(names[n]!);
      let below = level.get(value) as ValueTree | undefined;
      if (below === undefined) level.set(value, (below = new Map()));
      level = below;
    }
    const value = labels.get(names[last]!);
    let group = level.get(value) as number | undefined;
    if (group === undefined) {
      group = firsts.push(i) - 1;
      level.set(value, group);
    }
    groupOf[i] = group;
  }
  return { groupOf, firsts };
}

/** Values of one label, each leading to those of the next, and at the last to the group. */
type ValueTree = Map<string, ValueTree | number>;

/** The labels of a group, from those of any of its series. */
export function groupLabels(labels: Labels, names: readonly string[], without: boolean): Labels {
  if (without) return labels.drop(new Set([...names, METRIC_NAME]));
  return names.length === 0 ? Labels.EMPTY : labels.keep(new Set(names));
}
