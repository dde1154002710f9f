import { LabelsBuilder, METRIC_NAME, type Labels } from '../../model/index.ts';
import type { VectorMatching } from '../parse/ast.ts';
import { withoutMetadata } from '../functions/index.ts';

/** Makes the labels of a join's output series. */
export interface JoinLabels {
  /** @param many labels of the "many" side (the left one if neither is), @param one of the other */
  result(many: Labels, one: Labels): Labels;
  /** The labels that had to match: what a series filled in for a missing one has. */
  matched(labels: Labels): Labels;
}

/** @see Prometheus `promql/engine.go` (3.14), resultMetric */
export function joinLabels(matching: VectorMatching, dropsMetadata: boolean): JoinLabels {
  const { card, on, include } = matching;
  const names = new Set(matching.matchingLabels);
  const namesAndMetric = new Set([...names, METRIC_NAME]);
  return {
    result(many, one) {
      let labels = dropsMetadata ? withoutMetadata(many) : many;
      if (card === 'one-to-one') labels = on ? labels.keep(names) : names.size === 0 ? labels : labels.drop(names);
      if (include.length === 0) return labels;
      const builder = new LabelsBuilder(labels);
      // An empty value takes the label away.
      for (const name of include) builder.set(name, one.get(name));
      return builder.labels();
    },
    matched(labels) {
      return on ? labels.keep(names) : labels.drop(namesAndMetric);
    },
  };
}
