import type { Labels } from '../model/index.ts';
import type { Clock, Logger } from '../runtime/index.ts';
import { ACCEPTED, type Appendable, type Appender, type Queryable } from '../storage/index.ts';
import type { AlertNotice } from './alert.ts';
import { AlertingRule, type ExpandTemplate } from './alerting.ts';
import type { RuleMetrics } from './metrics.ts';
import { RecordingRule } from './recording.ts';
import { restoreForState, type RestoreOptions } from './restore.ts';
import type { EvaluateInstant, GroupDefinition, InstantSample } from './rule.ts';

export type Rule = RecordingRule | AlertingRule;

/** What a group needs of the rest of the server. */
export interface GroupContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: RuleMetrics;
  readonly appendable: Appendable;
  readonly queryable: Queryable;
  readonly evaluate: EvaluateInstant;
  readonly expand: ExpandTemplate;
  readonly notify: (notices: readonly AlertNotice[]) => void;
  readonly restore: RestoreOptions;
  readonly resendDelayMs: number;
}

/**
 * Rules that are evaluated one after the other on a common tick. Ticks lie at multiples of the interval plus an offset of the group's
 * own, so that groups spread over time and a restart keeps their phase.
 */
export class RuleGroup {
  readonly definition: GroupDefinition;
  readonly rules: readonly Rule[];
  lastEvaluationMs = 0;
  durationSeconds = 0;
  readonly #context: GroupContext;
  /** By rule, the series its last evaluation wrote: what is missing from the next one gets a staleness marker. */
  #written: Map<string, Labels>[];
  #cancelTimer: (() => void) | undefined;
  #evaluating: Promise<void> | undefined;
  #isStopped = false;

  constructor(definition: GroupDefinition, context: GroupContext, options: { restored: boolean }) {
    this.definition = definition;
    this.#context = context;
    this.rules = definition.rules.map((rule) =>
      rule.kind === 'record' ? new RecordingRule(rule) : new AlertingRule(rule, options.restored),
    );
    this.#written = this.rules.map(() => new Map());
  }

  /** `file;name`: unique among the groups of a server. */
  get key(): string {
    return groupKey(this.definition);
  }

  /** Takes over alerts and series of the group this one replaces, rule by rule where name and labels agree. */
  inherit(previous: RuleGroup): void {
    const left = new Map<string, number[]>();
    previous.rules.forEach((rule, at) => {
      const identity = ruleIdentity(rule);
      left.set(identity, [...(left.get(identity) ?? []), at]);
    });
    this.rules.forEach((rule, at) => {
      const from = left.get(ruleIdentity(rule))?.shift();
      if (from === undefined) return;
      this.#written[at] = previous.#written[from]!;
      previous.#written[from] = new Map();
      const before = previous.rules[from]!;
      if (rule.kind === 'alert' && before.kind === 'alert') rule.inherit(before);
    });
  }

  start(): void {
    const first = this.#tickAtOrBefore(this.#context.clock.now()) + this.definition.intervalMs;
    this.#schedule(first);
  }

  /** Ends the ticks and waits for an evaluation under way. Safe to call twice. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.#evaluating;
  }

  /** Marks every series the group has written as gone; for a group that is removed, not for a shutdown. */
  writeStaleness(): void {
    const appender = this.#context.appendable.appender();
    const t = this.#context.clock.now();
    for (const written of this.#written)
      for (const labels of written.values()) appender.appendStale(appender.series(labels), t);
    appender.commit();
    this.#written = this.rules.map(() => new Map());
  }

  /** One evaluation of all rules for the tick `tMs`. */
  async evaluate(tMs: number): Promise<void> {
    const { clock, metrics } = this.#context;
    const started = clock.monotonic();
    for (let at = 0; at < this.rules.length; at++) {
      if (this.#isStopped) return;
      await this.#evaluateRule(at, tMs);
    }
    this.durationSeconds = (clock.monotonic() - started) / 1000;
    this.lastEvaluationMs = clock.now();
    metrics.groupEvaluated(this.key, this.lastEvaluationMs, this.durationSeconds);
    for (const rule of this.rules) {
      if (rule.kind === 'alert' && !rule.restored) await this.#restore(rule, tMs);
    }
  }

  async #evaluateRule(at: number, tMs: number): Promise<void> {
    const { clock, metrics, logger, resendDelayMs } = this.#context;
    const { queryOffsetMs, limit, intervalMs } = this.definition;
    const rule = this.rules[at]!;
    const started = clock.monotonic();
    const seconds = () => (clock.monotonic() - started) / 1000;
    try {
      const samples =
        rule.kind === 'record'
          ? await rule.evaluate(this.#context.evaluate, tMs - queryOffsetMs, limit)
          : await rule.evaluate(this.#context.evaluate, this.#context.expand, tMs, { queryOffsetMs, limit });
      this.#store(at, samples, tMs - queryOffsetMs);
      rule.status.succeeded(clock.now(), seconds());
      metrics.ruleEvaluated(this.key, seconds());
      if (rule.kind === 'alert') this.#context.notify(rule.takeNotices(tMs, intervalMs, resendDelayMs));
    } catch (error) {
      rule.status.failed(error, clock.now(), seconds());
      metrics.ruleFailed(this.key);
      logger.warn('Evaluating rule failed', {
        group: this.definition.name,
        file: this.definition.file,
        rule: ruleName(rule),
        error,
      });
    }
  }

  #store(at: number, samples: readonly InstantSample[], t: number): void {
    const appender = this.#context.appendable.appender();
    const before = this.#written[at]!;
    const now = new Map<string, Labels>();
    let refused = 0;
    for (const sample of samples) {
      now.set(sample.labels.key(), sample.labels);
      if (!append(appender, sample)) refused++;
    }
    for (const [key, labels] of before) {
      // A series that another rule of the group has taken over meanwhile refuses the marker, which is right.
      if (!now.has(key)) appender.appendStale(appender.series(labels), t);
    }
    appender.commit();
    this.#written[at] = now;
    if (refused > 0) {
      this.#context.logger.warn('Rule results were not stored: out of order or duplicate', {
        group: this.definition.name,
        rule: ruleName(this.rules[at]!),
        refused,
      });
    }
  }

  async #restore(rule: AlertingRule, tMs: number): Promise<void> {
    try {
      await restoreForState(rule, this.#context.queryable, tMs, this.#context.restore);
    } catch (error) {
      rule.restored = true;
      this.#context.logger.error('Restoring the state of alerts failed', { rule: rule.definition.alert, error });
    }
  }

  #schedule(tickMs: number): void {
    if (this.#isStopped) return;
    const { clock } = this.#context;
    this.#cancelTimer = clock.after(Math.max(0, tickMs - clock.now()), () => {
      this.#evaluating = this.#tick(tickMs);
    });
  }

  async #tick(tickMs: number): Promise<void> {
    const { clock, metrics } = this.#context;
    const { intervalMs } = this.definition;
    metrics.iteration(this.key);
    await this.evaluate(tickMs);
    const missed = Math.max(0, Math.floor((clock.now() - tickMs) / intervalMs) - 1);
    metrics.missed(this.key, missed);
    this.#schedule(tickMs + (missed + 1) * intervalMs);
  }

  #tickAtOrBefore(nowMs: number): number {
    const { intervalMs } = this.definition;
    const offset = hash(this.key) % intervalMs;
    return nowMs - offset - ((nowMs - offset) % intervalMs) + offset;
  }
}

export function groupKey(definition: GroupDefinition): string {
  return `${definition.file};${definition.name}`;
}

export function ruleName(rule: Rule): string {
  return rule.kind === 'record' ? rule.definition.record : rule.definition.alert;
}

function ruleIdentity(rule: Rule): string {
  return `${rule.kind}\u0000${ruleName(rule)}\u0000${rule.definition.labels.key()}`;
}

function append(appender: Appender, sample: InstantSample): boolean {
  const ref = appender.series(sample.labels);
  const verdict =
    sample.histogram === undefined
      ? appender.append(ref, sample.t, sample.v)
      : appender.appendHistogram(ref, sample.t, sample.histogram);
  return verdict === ACCEPTED;
}

/** FNV-1a, 32 bits: spreads groups over their interval, nothing more. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
