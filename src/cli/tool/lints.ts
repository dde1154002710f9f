import type { Terminal } from '../terminal.ts';

export const ruleLints: readonly string[] = ['all', 'duplicate-rules', 'none'];
export const configLints: readonly string[] = [...ruleLints, 'too-long-scrape-interval'];
export const metricLints: readonly string[] = ['all', 'none'];

/** The lints that were asked for. As with promtool, an unknown one is a warning, and `none` wins over the others. */
export function parseLints(text: string, known: readonly string[], terminal: Terminal): ReadonlySet<string> {
  const lints = new Set<string>();
  for (const lint of text.split(',')) {
    if (known.includes(lint)) lints.add(lint);
    else if (lint !== '') terminal.out(`WARNING: unknown lint option: ${JSON.stringify(lint)}\n`);
  }
  return lints.has('none') ? new Set() : lints;
}
