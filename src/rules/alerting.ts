import { type Labels, LabelsBuilder, METRIC_NAME } from '../model/index.ts';
import { needsSending, type Alert, type AlertNotice, type AlertState } from './alert.ts';
import { RuleStatus, type AlertingDefinition, type EvaluateInstant, type InstantSample } from './rule.ts';

/** How long a resolved alert is kept, so that Alertmanagers that missed it hear of it again. */
export const RESOLVED_RETENTION_MS = 15 * 60_000;

const ALERT_NAME = 'alertname';

/** Expands the template of one label or annotation for one result; an error becomes the text. */
export type ExpandTemplate = (
  name: string,
  template: string,
  data: { labels: Labels; value: number },
) => Promise<string>;

/** Tells of the results of an expression that hold for a while. */
export class AlertingRule {
  readonly kind = 'alert';
  readonly definition: AlertingDefinition;
  readonly status = new RuleStatus();
  /** Until the state from before a restart is back, nothing is written that would overwrite it. */
  restored: boolean;
  readonly #active = new Map<string, Alert>();

  constructor(definition: AlertingDefinition, restored: boolean) {
    this.definition = definition;
    this.restored = restored;
  }

  /** The state of the alert that is furthest along. */
  get state(): AlertState {
    let state: AlertState = 'inactive';
    for (const alert of this.#active.values()) {
      if (alert.state === 'firing') return 'firing';
      if (alert.state === 'pending') state = 'pending';
    }
    return state;
  }

  /** Pending and firing alerts. */
  activeAlerts(): readonly Alert[] {
    return [...this.#active.values()].filter((alert) => alert.state !== 'inactive');
  }

  /** Takes over the alerts of the rule this one replaces after a reload. */
  inherit(previous: AlertingRule): void {
    for (const [key, alert] of previous.#active) this.#active.set(key, alert);
    this.restored = previous.restored;
  }

  /**
   * Moves each alert on to the instant `tMs` and gives the `ALERTS` samples to store.
   *
   * @param queryOffsetMs the expression is evaluated, and the samples stored, this much earlier
   * @throws when the expression fails, when two results get the same labels, or there are more than `limit` alerts
   * @see Prometheus `rules/alerting.go`, Eval
   */
  async evaluate(
    evaluate: EvaluateInstant,
    expand: ExpandTemplate,
    tMs: number,
    options: { queryOffsetMs: number; limit: number },
  ): Promise<readonly InstantSample[]> {
    const found = await this.#find(evaluate, expand, tMs, options.queryOffsetMs);
    for (const [key, alert] of found) {
      const known = this.#active.get(key);
      if (known !== undefined && known.state !== 'inactive') {
        known.value = alert.value;
        known.annotations = alert.annotations;
      } else {
        this.#active.set(key, alert);
      }
    }
    const samples: InstantSample[] = [];
    for (const [key, alert] of this.#active) {
      if (!this.#advance(key, alert, found.has(key), tMs)) continue;
      if (this.restored) samples.push(...this.#samples(alert, tMs - options.queryOffsetMs));
    }
    const count = this.activeAlerts().length;
    if (options.limit > 0 && count > options.limit) {
      this.#active.clear();
      throw new Error(`exceeded limit of ${options.limit} with ${count} alerts`);
    }
    return samples;
  }

  /** The alerts Alertmanagers must hear of now, marked as sent. */
  takeNotices(nowMs: number, intervalMs: number, resendDelayMs: number): AlertNotice[] {
    const notices: AlertNotice[] = [];
    // Long enough that a few lost evaluations or messages do not resolve the alert.
    const validMs = 4 * Math.max(intervalMs, resendDelayMs);
    for (const alert of this.#active.values()) {
      if (!needsSending(alert, nowMs, resendDelayMs)) continue;
      alert.lastSentAtMs = nowMs;
      notices.push({
        labels: alert.labels,
        annotations: alert.annotations,
        startsAtMs: alert.firedAtMs ?? alert.activeAtMs,
        endsAtMs: alert.resolvedAtMs ?? nowMs + validMs,
        generatorExpr: this.definition.expr,
      });
    }
    return notices;
  }

  async #find(
    evaluate: EvaluateInstant,
    expand: ExpandTemplate,
    tMs: number,
    queryOffsetMs: number,
  ): Promise<Map<string, Alert>> {
    const { definition } = this;
    const found = new Map<string, Alert>();
    for (const sample of await evaluate(definition.expr, tMs - queryOffsetMs)) {
      const data = { labels: sample.labels, value: sample.v };
      const expandAll = async (builder: LabelsBuilder, templates: Labels) => {
        for (const [name, template] of templates) builder.set(name, await expand(definition.alert, template, data));
        return builder;
      };
      const builder = await expandAll(new LabelsBuilder(sample.labels).delete(METRIC_NAME), definition.labels);
      const labels = builder.set(ALERT_NAME, definition.alert).labels();
      if (found.has(labels.key()))
        throw new Error('vector contains metrics with the same labelset after applying alert labels');
      found.set(labels.key(), {
        labels,
        annotations: (await expandAll(new LabelsBuilder(), definition.annotations)).labels(),
        value: sample.v,
        state: 'pending',
        activeAtMs: tMs,
        firedAtMs: undefined,
        resolvedAtMs: undefined,
        keepFiringSinceMs: undefined,
        lastSentAtMs: undefined,
      });
    }
    return found;
  }

  /** @returns whether the alert is still active */
  #advance(key: string, alert: Alert, isFound: boolean, tMs: number): boolean {
    const { forMs, keepFiringForMs } = this.definition;
    if (isFound) {
      alert.keepFiringSinceMs = undefined;
    } else {
      let keepFiring = false;
      if (alert.state === 'firing' && keepFiringForMs > 0) {
        alert.keepFiringSinceMs ??= tMs;
        keepFiring = tMs - alert.keepFiringSinceMs < keepFiringForMs;
      }
      if (!keepFiring) {
        const isOld = alert.resolvedAtMs !== undefined && tMs - alert.resolvedAtMs > RESOLVED_RETENTION_MS;
        if (alert.state === 'pending' || isOld) this.#active.delete(key);
        if (alert.state !== 'inactive') {
          alert.state = 'inactive';
          alert.resolvedAtMs = tMs;
        }
        return false;
      }
    }
    if (alert.state === 'pending' && tMs - alert.activeAtMs >= forMs) {
      alert.state = 'firing';
      alert.firedAtMs = tMs;
    }
    return true;
  }

  #samples(alert: Alert, t: number): InstantSample[] {
    const builder = new LabelsBuilder(alert.labels).set(METRIC_NAME, 'ALERTS').set('alertstate', alert.state);
    const forState = new LabelsBuilder(alert.labels).set(METRIC_NAME, 'ALERTS_FOR_STATE');
    return [
      { labels: builder.labels(), t, v: 1 },
      { labels: forState.labels(), t, v: Math.floor(alert.activeAtMs / 1000) },
    ];
  }
}
