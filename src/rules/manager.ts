import type { Registry } from '../runtime/index.ts';
import { groupKey, RuleGroup, type GroupContext } from './group.ts';
import { RuleMetrics } from './metrics.ts';
import type { GroupDefinition } from './rule.ts';

export type RuleManagerContext = Omit<GroupContext, 'metrics'> & { readonly registry: Registry };

/** All rule groups of a server: started, replaced on reload, stopped. */
export class RuleManager {
  readonly #context: GroupContext;
  #groups: RuleGroup[] = [];
  /** Before the first load of the configuration nothing was running: those alerts may have a state to restore. */
  #isFirstLoad = true;

  constructor(context: RuleManagerContext) {
    const { registry, ...rest } = context;
    this.#context = { ...rest, metrics: new RuleMetrics(registry) };
  }

  /** The running groups, in the order of their files. */
  get groups(): readonly RuleGroup[] {
    return this.#groups;
  }

  /**
   * Runs exactly these groups from now on. A group whose definition is unchanged goes on undisturbed; a changed one keeps the alerts of
   * the rules that are still there; the series of a removed one are marked stale.
   */
  async apply(definitions: readonly GroupDefinition[]): Promise<void> {
    const before = new Map(this.#groups.map((group) => [group.key, group]));
    const restored = !this.#isFirstLoad;
    this.#isFirstLoad = false;
    const added: RuleGroup[] = [];
    const replaced: [previous: RuleGroup, next: RuleGroup][] = [];
    this.#groups = definitions.map((definition) => {
      const previous = before.get(groupKey(definition));
      before.delete(groupKey(definition));
      if (previous !== undefined && sameGroup(previous.definition, definition)) return previous;
      const next = new RuleGroup(definition, this.#context, { restored });
      if (previous !== undefined) replaced.push([previous, next]);
      added.push(next);
      return next;
    });
    for (const group of before.values()) {
      await group.stop();
      group.writeStaleness();
      this.#context.metrics.groupRemoved(group.key);
    }
    for (const [previous, next] of replaced) {
      await previous.stop();
      next.inherit(previous);
      previous.writeStaleness();
    }
    for (const group of added) {
      this.#context.metrics.groupAdded(group.key, group.definition.intervalMs, group.rules.length);
      group.start();
    }
  }

  /** Stops every group; writes no staleness, so that a restart goes on where this ended. Safe to call twice. */
  async close(): Promise<void> {
    await Promise.all(this.#groups.map((group) => group.stop()));
  }
}

function sameGroup(a: GroupDefinition, b: GroupDefinition): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
