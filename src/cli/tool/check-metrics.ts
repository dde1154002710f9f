import { ExpositionError } from '../../model/exposition/index.ts';
import { familyCardinalities, type LintedPage, type LintFormat, lintPage } from '../../model/exposition/lint/index.ts';
import { type Terminal, UsageError } from '../terminal.ts';

export interface CheckMetricsOptions {
  readonly format: LintFormat | undefined;
  readonly lint: boolean;
  /** Print the table of cardinalities. */
  readonly extended: boolean;
}

/** Checks the page on standard input. @returns the exit code: 1 for a page that breaks the format, 3 for lint problems */
export async function checkMetrics(
  terminal: Terminal,
  { format, lint, extended }: CheckMetricsOptions,
): Promise<number> {
  if (!lint && !extended && format === undefined) {
    throw new UsageError(
      '--lint=none leaves nothing to do: add --extended for the cardinalities or --format for the format alone',
    );
  }
  let page: LintedPage;
  try {
    page = lintPage(await terminal.readInput(), format);
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    terminal.err(`error while linting: ${error.message}\n`);
    return 1;
  }
  if (lint) for (const { metric, text } of page.problems) terminal.err(`${metric} ${text}\n`);
  if (extended) terminal.out(cardinalityTable(page));
  return lint && page.problems.length > 0 ? 3 : 0;
}

function cardinalityTable({ families }: LintedPage): string {
  const counts = familyCardinalities(families);
  const total = counts.reduce((sum, { series }) => sum + series, 0);
  const rows = [
    ['Metric', 'Cardinality', 'Percentage'],
    ...counts.map(({ name, series }) => [name, String(series), `${((series / total) * 100).toFixed(2)}%`]),
    ['Total', String(total), '100%'],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)) + 4);
  return rows.map((row) => `${row.map((cell, i) => cell.padEnd(widths[i])).join('')}\n`).join('');
}
