import type { Registry } from '../runtime/index.ts';

/** What rule evaluation counts, under Prometheus's names; `group` is `file;name`. */
export class RuleMetrics {
  readonly #evaluations;
  readonly #failures;
  readonly #duration;
  readonly #groupDuration;
  readonly #iterations;
  readonly #missed;
  readonly #interval;
  readonly #lastEvaluation;
  readonly #lastDuration;
  readonly #rules;

  constructor(registry: Registry) {
    const label = ['rule_group'];
    this.#evaluations = registry.counterVec(
      'prometheus_rule_evaluations_total',
      'The total number of rule evaluations.',
      label,
    );
    this.#failures = registry.counterVec(
      'prometheus_rule_evaluation_failures_total',
      'The total number of rule evaluation failures.',
      label,
    );
    this.#duration = registry.summary(
      'prometheus_rule_evaluation_duration_seconds',
      'The duration for a rule to execute.',
    );
    this.#groupDuration = registry.summary(
      'prometheus_rule_group_duration_seconds',
      'The duration of rule group evaluations.',
      [0.01, 0.05, 0.5, 0.9, 0.99],
    );
    this.#iterations = registry.counterVec(
      'prometheus_rule_group_iterations_total',
      'The total number of scheduled rule group evaluations, whether executed or missed.',
      label,
    );
    this.#missed = registry.counterVec(
      'prometheus_rule_group_iterations_missed_total',
      'The total number of rule group evaluations missed due to slow rule group evaluation.',
      label,
    );
    this.#interval = registry.gaugeVec(
      'prometheus_rule_group_interval_seconds',
      'The interval of a rule group.',
      label,
    );
    this.#lastEvaluation = registry.gaugeVec(
      'prometheus_rule_group_last_evaluation_timestamp_seconds',
      'The timestamp of the last rule group evaluation in seconds.',
      label,
    );
    this.#lastDuration = registry.gaugeVec(
      'prometheus_rule_group_last_duration_seconds',
      'The duration of the last rule group evaluation.',
      label,
    );
    this.#rules = registry.gaugeVec('prometheus_rule_group_rules', 'The number of rules.', label);
  }

  /** Makes the group's metrics, at zero where they count. */
  groupAdded(group: string, intervalMs: number, rules: number): void {
    for (const counter of [this.#evaluations, this.#failures, this.#iterations, this.#missed]) counter.with(group);
    this.#interval.with(group).set(intervalMs / 1000);
    this.#lastEvaluation.with(group);
    this.#lastDuration.with(group);
    this.#rules.with(group).set(rules);
  }

  groupRemoved(group: string): void {
    for (const counter of [this.#evaluations, this.#failures, this.#iterations, this.#missed]) counter.delete(group);
    for (const gauge of [this.#interval, this.#lastEvaluation, this.#lastDuration, this.#rules]) gauge.delete(group);
  }

  ruleEvaluated(group: string, seconds: number): void {
    this.#evaluations.with(group).inc();
    this.#duration.observe(seconds);
  }

  ruleFailed(group: string): void {
    this.#evaluations.with(group).inc();
    this.#failures.with(group).inc();
  }

  groupEvaluated(group: string, atMs: number, seconds: number): void {
    this.#groupDuration.observe(seconds);
    this.#lastEvaluation.with(group).set(atMs / 1000);
    this.#lastDuration.with(group).set(seconds);
  }

  iteration(group: string): void {
    this.#iterations.with(group).inc();
  }

  missed(group: string, count: number): void {
    if (count === 0) return;
    this.#iterations.with(group).inc(count);
    this.#missed.with(group).inc(count);
  }
}
