import { Labels } from '../src/model/index.ts';
import { RuleManager, type GroupDefinition, type RuleGroup } from '../src/rules/index.ts';
import { ManualClock, Registry, silentLogger } from '../src/runtime/index.ts';
import { ACCEPTED, type Appender } from '../src/storage/index.ts';
import { MemoryStore } from './memory-store.ts';

const discard: Appender = {
  series: () => 1,
  append: () => ACCEPTED,
  appendStale: () => ACCEPTED,
  appendHistogram: () => ACCEPTED,
  appendExemplar: () => true,
  updateMetadata: () => {},
  commit: () => {},
  rollback: () => {},
};

/** Groups that were evaluated once at `nowMs`, each expression giving the label sets `results` has for it, with value 12.5. */
export async function evaluatedGroups(
  definitions: readonly GroupDefinition[],
  results: Readonly<Record<string, readonly Record<string, string>[]>>,
  nowMs: number,
): Promise<readonly RuleGroup[]> {
  const clock = new ManualClock(nowMs);
  const manager = new RuleManager({
    clock,
    logger: silentLogger,
    registry: new Registry(),
    appendable: { appender: () => discard },
    queryable: new MemoryStore([]),
    evaluate: (expr, t) => {
      const found = results[expr];
      if (found === undefined) return Promise.reject(new Error(`no data for ${expr}`));
      return Promise.resolve(found.map((labels) => ({ labels: Labels.from(labels), t, v: 12.5 })));
    },
    expand: (_name, template, { labels }) =>
      Promise.resolve(template.replace('{{ $labels.team }}', labels.get('team'))),
    notify: () => {},
    restore: { outageToleranceMs: 0, gracePeriodMs: 0 },
    resendDelayMs: 60_000,
  });
  await manager.apply(definitions);
  for (const group of manager.groups) await group.evaluate(nowMs);
  await manager.close();
  return manager.groups;
}
