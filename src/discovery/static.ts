import { Labels } from '../model/index.ts';
import type { Provider } from './provider.ts';
import type { TargetGroupConfig } from './target-group-config.ts';
import { ADDRESS_LABEL, type TargetGroup } from './target-group.ts';

/** The groups that stand in the configuration; they never change. */
export function staticProvider(configs: readonly TargetGroupConfig[]): Provider {
  return {
    run: (emit) => {
      emit(configs.map((config, i) => targetGroup(String(i), config)));
      return Promise.resolve();
    },
  };
}

/** A written-out group under the name of where it was written. */
export function targetGroup(
  source: string,
  config: TargetGroupConfig,
  extra: Readonly<Record<string, string>> = {},
): TargetGroup {
  return {
    source,
    labels: Labels.fromPairs([...config.labels, ...Object.entries(extra)]),
    targets: config.targets.map((address) => Labels.from({ [ADDRESS_LABEL]: address })),
  };
}
