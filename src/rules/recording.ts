import { LabelsBuilder, METRIC_NAME } from '../model/index.ts';
import { RuleStatus, type EvaluateInstant, type InstantSample, type RecordingDefinition } from './rule.ts';

/** Writes an expression's result under a new name. */
export class RecordingRule {
  readonly kind = 'record';
  readonly definition: RecordingDefinition;
  readonly status = new RuleStatus();

  constructor(definition: RecordingDefinition) {
    this.definition = definition;
  }

  /**
   * The samples to store for the instant `tMs`.
   *
   * @throws when two results get the same labels, or there are more than `limit`
   * @see Prometheus `rules/recording.go`, Eval
   */
  async evaluate(evaluate: EvaluateInstant, tMs: number, limit: number): Promise<readonly InstantSample[]> {
    const result = await evaluate(this.definition.expr, tMs);
    const seen = new Set<string>();
    const builder = new LabelsBuilder();
    const samples = result.map((sample) => {
      builder.reset(sample.labels).set(METRIC_NAME, this.definition.record);
      for (const [name, value] of this.definition.labels) builder.set(name, value);
      const labels = builder.labels();
      if (seen.has(labels.key()))
        throw new Error('vector contains metrics with the same labelset after applying rule labels');
      seen.add(labels.key());
      return { ...sample, labels };
    });
    if (limit > 0 && samples.length > limit)
      throw new Error(`exceeded limit of ${limit} with ${samples.length} series`);
    return samples;
  }
}
