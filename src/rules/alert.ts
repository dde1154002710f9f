import type { Labels } from '../model/index.ts';

export type AlertState = 'inactive' | 'pending' | 'firing';

/** One label set an alerting rule has found. Times in ms; `undefined` where it has not happened. */
export interface Alert {
  labels: Labels;
  annotations: Labels;
  value: number;
  state: AlertState;
  activeAtMs: number;
  firedAtMs: number | undefined;
  resolvedAtMs: number | undefined;
  keepFiringSinceMs: number | undefined;
  lastSentAtMs: number | undefined;
}

/** What is told to Alertmanagers: a copy, so that a later evaluation does not change it. */
export interface AlertNotice {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: number;
  /** When the alert is over unless it is sent again; the moment it was resolved for one that is. */
  readonly endsAtMs: number;
  readonly generatorExpr: string;
}

/** Whether Alertmanagers must hear of the alert now. */
export function needsSending(alert: Alert, nowMs: number, resendDelayMs: number): boolean {
  if (alert.state === 'pending') return false;
  if (alert.resolvedAtMs !== undefined && alert.resolvedAtMs > (alert.lastSentAtMs ?? 0)) return true;
  return (alert.lastSentAtMs ?? 0) + resendDelayMs < nowMs;
}
