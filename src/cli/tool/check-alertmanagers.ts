import { readFile } from 'node:fs/promises';
import { glob, type LoadedConfig, systemFiles } from '../../config/index.ts';
import { type TargetGroupConfig, targetGroupsSchema } from '../../discovery/index.ts';
import { LabelsBuilder, Relabeling } from '../../model/index.ts';
import type { AlertmanagerConfig } from '../../rules/index.ts';
import { ConfigError, decodeYaml } from '../../schema/index.ts';
import { messageOf } from '../terminal.ts';

export interface Problems {
  readonly errors: readonly ConfigError[];
  readonly warnings: readonly string[];
}

/** What is wrong with the Alertmanagers that are written out, in the configuration and in target files. */
export async function alertmanagerProblems(
  config: LoadedConfig['config'],
  file: string,
  syntaxOnly: boolean,
): Promise<Problems> {
  const errors: ConfigError[] = [];
  const warnings: string[] = [];
  const fail = (place: string, message: string) => {
    errors.push(new ConfigError({ file: place, line: 0, column: 0, path: '', message }));
  };
  for (const alertmanager of config.alerting.alertmanagers) {
    for (const message of addressProblems(alertmanager.discovery.static, alertmanager)) fail(file, message);
    if (syntaxOnly) continue;
    for (const pattern of alertmanager.discovery.file.flatMap(({ files }) => files)) {
      const found = await glob(pattern, systemFiles).catch(() => []);
      if (found.length === 0)
        warnings.push(`file ${JSON.stringify(pattern)} for file_sd in alertmanager config does not exist`);
      for (const targetFile of found) {
        try {
          const { value, errors: wrong } = decodeYaml(targetGroupsSchema, await readFile(targetFile), targetFile);
          errors.push(...wrong);
          if (wrong.length > 0) continue;
          for (const message of addressProblems(value, alertmanager)) fail(targetFile, message);
        } catch (error) {
          fail(targetFile, messageOf(error));
        }
      }
    }
  }
  return { errors, warnings };
}

function addressProblems(groups: readonly TargetGroupConfig[], alertmanager: AlertmanagerConfig): string[] {
  const relabeling = new Relabeling(alertmanager.relabelConfigs, 'utf8');
  return groups.flatMap(({ targets, labels }) =>
    targets.flatMap((target) => {
      const builder = new LabelsBuilder();
      builder.set('__address__', target);
      builder.set('__scheme__', alertmanager.scheme);
      builder.set('__alerts_path__', alertmanager.pathPrefix);
      for (const [name, value] of labels) if (builder.get(name) === '') builder.set(name, value);
      if (!relabeling.apply(builder)) return [];
      const address = builder.get('__address__');
      return address.includes('/') ? [`${JSON.stringify(address)} is not a valid hostname`] : [];
    }),
  );
}
