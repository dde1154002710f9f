import { Matcher, METRIC_NAME, SampleColumn } from '../model/index.ts';
import type { Queryable } from '../storage/index.ts';
import type { AlertingRule } from './alerting.ts';

export interface RestoreOptions {
  /** An outage longer than this starts every alert anew. */
  readonly outageToleranceMs: number;
  /** After a restart an alert stays pending at least this long. */
  readonly gracePeriodMs: number;
}

/**
 * Gives the rule's alerts the `for` time they had before a restart, from the stored `ALERTS_FOR_STATE` series: the outage does not
 * count as time the condition held. Call it after the first evaluation at `nowMs`.
 *
 * @see Prometheus `rules/group.go`, RestoreForState
 */
export async function restoreForState(
  rule: AlertingRule,
  queryable: Queryable,
  nowMs: number,
  options: RestoreOptions,
): Promise<void> {
  const { forMs, alert: name } = rule.definition;
  // A short `for` is over within the grace period anyway.
  if (forMs < options.gracePeriodMs || rule.activeAlerts().length === 0) {
    rule.restored = true;
    return;
  }
  const before = await storedStates(queryable, name, nowMs - options.outageToleranceMs, nowMs);
  for (const alert of rule.activeAlerts()) {
    const stored = before.get(alert.labels.key());
    if (stored === undefined) continue;
    let activeAtMs = stored.activeAtMs;
    const pendingLeftMs = forMs - (stored.lastSeenMs - activeAtMs);
    if (pendingLeftMs > 0) {
      if (pendingLeftMs < options.gracePeriodMs) activeAtMs = nowMs + options.gracePeriodMs - forMs;
      else activeAtMs += nowMs - stored.lastSeenMs;
    }
    alert.activeAtMs = activeAtMs;
  }
  rule.restored = true;
}

interface StoredState {
  readonly activeAtMs: number;
  readonly lastSeenMs: number;
}

async function storedStates(
  queryable: Queryable,
  alertname: string,
  mint: number,
  maxt: number,
): Promise<Map<string, StoredState>> {
  const matchers = [new Matcher('=', METRIC_NAME, 'ALERTS_FOR_STATE'), new Matcher('=', 'alertname', alertname)];
  const states = new Map<string, StoredState>();
  const querier = queryable.querier(mint, maxt);
  try {
    const column = new SampleColumn();
    for (const series of (await querier.select(matchers, { sorted: false })).series) {
      column.reset();
      series.read(column, mint, maxt);
      // A staleness marker at the end is written when the rule goes, not when the process dies.
      const last = column.length - 1;
      if (last < 0 || column.stale[last] === 1) continue;
      states.set(series.labels.withoutName().key(), {
        activeAtMs: column.v[last]! * 1000,
        lastSeenMs: column.t[last]!,
      });
    }
  } finally {
    querier.close();
  }
  return states;
}
