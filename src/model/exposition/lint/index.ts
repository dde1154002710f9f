/** Strict readings of exposition pages, and what the naming conventions say of them. For tools: scraping is lenient. */
import type { LintedFamily } from './family.ts';
import { readOpenMetricsPage } from './openmetrics-page.ts';
import { lintFamilies, type LintProblem } from './problem.ts';
import { readTextPage } from './text-page.ts';

export { type FamilyCardinality, familyCardinalities } from './cardinality.ts';
export type { FamilyType, LintedFamily, LintedSample } from './family.ts';
export { readOpenMetricsPage } from './openmetrics-page.ts';
export { lintFamilies, type LintProblem } from './problem.ts';
export { readTextPage } from './text-page.ts';

export type LintFormat = 'text' | 'openmetrics';

export interface LintedPage {
  readonly format: LintFormat;
  readonly families: readonly LintedFamily[];
  readonly problems: readonly LintProblem[];
}

/**
 * Reads a page strictly and says what is unusual about it.
 *
 * @param format `undefined`: OpenMetrics where the page ends with `# EOF`, else the text format
 * @throws {ExpositionError} for the first rule of the format that is broken, with its line and column
 */
export function lintPage(page: Uint8Array, format: LintFormat = formatByEnd(page)): LintedPage {
  const isOpenMetrics = format === 'openmetrics';
  const families = isOpenMetrics ? readOpenMetricsPage(page) : readTextPage(page);
  return { format, families, problems: lintFamilies(families, isOpenMetrics) };
}

function formatByEnd(page: Uint8Array): LintFormat {
  const end = Buffer.from(page.subarray(-7)).toString('latin1');
  return /(?:^|\n)# EOF\n?$/.test(end) ? 'openmetrics' : 'text';
}
