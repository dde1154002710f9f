import type { Labels, Matcher } from '../model/index.ts';
import { restrict, restrictExemplars, type ExemplarQueryable, type Queryable } from '../storage/index.ts';
import { noLimits, type Limits } from './limits.ts';

/**
 * Which series exist for somebody: those that satisfy every matcher of at least one alternative. `undefined`: all series.
 */
export type Alternatives = readonly (readonly Matcher[])[] | undefined;

/**
 * What an identity may see and spend while it uses one permission. A request handler gets this in place of the storage: whatever it
 * reads through a view holds only series inside the scope.
 */
export class Scope {
  readonly alternatives: Alternatives;
  readonly limits: Limits;

  constructor(alternatives: Alternatives, limits: Limits = noLimits) {
    this.alternatives = alternatives;
    this.limits = limits;
  }

  /** Whether every series is inside. */
  get isUnrestricted(): boolean {
    return this.alternatives === undefined;
  }

  /** The part of a store that exists for the asker. */
  view(storage: Queryable): Queryable {
    return this.alternatives === undefined ? storage : restrict(storage, this.alternatives);
  }

  /** The exemplars of the series that exist for the asker. */
  viewExemplars(storage: ExemplarQueryable): ExemplarQueryable {
    return this.alternatives === undefined ? storage : restrictExemplars(storage, this.alternatives);
  }

  /** Whether something with these labels (a target, an alert) is inside. */
  sees(labels: Labels): boolean {
    if (this.alternatives === undefined) return true;
    return this.alternatives.some((matchers) => matchers.every((m) => m.matches(labels.get(m.name))));
  }

  /**
   * Whether every series inside `other` is inside this scope. Decided on the text of the matchers: `false` may also mean that it
   * could not be shown.
   */
  contains(other: Alternatives): boolean {
    if (this.alternatives === undefined) return true;
    if (other === undefined) return false;
    return other.every((theirs) => {
      const held = new Set(theirs.map(String));
      return this.alternatives!.some((ours) => ours.every((matcher) => held.has(String(matcher))));
    });
  }
}
