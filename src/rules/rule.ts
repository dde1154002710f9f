import type { Histogram, Labels } from '../model/index.ts';

/** What an evaluation of a rule's expression gives: one sample at the evaluation's time. `t` in ms. */
export interface InstantSample {
  readonly labels: Labels;
  readonly t: number;
  readonly v: number;
  readonly histogram?: Histogram;
}

/**
 * Evaluates an expression at an instant (ms). A scalar comes as one sample without labels.
 *
 * @throws when the expression cannot be evaluated; the rule is then unhealthy with the message
 */
export type EvaluateInstant = (expr: string, tMs: number) => Promise<readonly InstantSample[]>;

export interface RecordingDefinition {
  readonly kind: 'record';
  readonly record: string;
  readonly expr: string;
  readonly labels: Labels;
}

export interface AlertingDefinition {
  readonly kind: 'alert';
  readonly alert: string;
  readonly expr: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** Values are templates. */
  readonly labels: Labels;
  /** Values are templates. */
  readonly annotations: Labels;
}

export type RuleDefinition = RecordingDefinition | AlertingDefinition;

/** One group of one rule file, defaults filled in. */
export interface GroupDefinition {
  readonly file: string;
  readonly name: string;
  readonly intervalMs: number;
  /** How far before the tick the expressions are evaluated. */
  readonly queryOffsetMs: number;
  /** Most series or alerts one rule may give; 0: any number. */
  readonly limit: number;
  readonly rules: readonly RuleDefinition[];
}

export type RuleHealth = 'unknown' | 'ok' | 'err';

/** How the last evaluation of a rule went. */
export class RuleStatus {
  health: RuleHealth = 'unknown';
  lastError: string | undefined;
  /** ms; 0 before the first. */
  lastEvaluationMs = 0;
  durationSeconds = 0;

  succeeded(atMs: number, durationSeconds: number): void {
    this.#done('ok', undefined, atMs, durationSeconds);
  }

  failed(error: unknown, atMs: number, durationSeconds: number): void {
    this.#done('err', error instanceof Error ? error.message : String(error), atMs, durationSeconds);
  }

  #done(health: RuleHealth, lastError: string | undefined, atMs: number, durationSeconds: number): void {
    this.health = health;
    this.lastError = lastError;
    this.lastEvaluationMs = atMs;
    this.durationSeconds = durationSeconds;
  }
}
