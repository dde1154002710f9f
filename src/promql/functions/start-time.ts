/**
 * Whether a sample's start time says that the counter began anew after the sample before it. All times in ms, a start time of 0 is unknown.
 *
 * @see Prometheus `promql/functions.go`, isStartTimestampReset (3.14)
 */
export function startTimeResets(previousStart: number, previousT: number, start: number, t: number): boolean {
  if (start === 0 || start >= t || start < previousT) return false;
  if (start > previousT) return true;
  // The start is the sample before: a delta series, or a cumulative one whose start is unknown, which its predecessor tells.
  return previousStart !== 0 && previousStart < previousT;
}

/** Whether a sample claims to have started before the sample before it was taken, without sharing its start. */
export function startTimeOverlaps(previousStart: number, previousT: number, start: number): boolean {
  return start !== 0 && start < previousT && start !== previousStart;
}
