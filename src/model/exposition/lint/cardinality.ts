import type { LintedFamily } from './family.ts';

/** How many series a family brings. */
export interface FamilyCardinality {
  readonly name: string;
  readonly series: number;
}

/** The series each family brings to the storage, most first. */
export function familyCardinalities(families: readonly LintedFamily[]): FamilyCardinality[] {
  const counts = families.map(({ name, samples }) => ({
    name,
    series: new Set(samples.map((sample) => JSON.stringify([sample.name, ...sample.labels]))).size,
  }));
  return counts.sort((a, b) => b.series - a.series);
}
