import { readFile } from 'node:fs/promises';
import { type ConfigError } from '../../schema/index.ts';
import { loadWebConfig, type LoadedWebConfig } from '../../web/index.ts';

/** The web configuration's users, bcrypt hash by name. */
export function webUsers(web: LoadedWebConfig | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from(web?.config.basicAuthUsers ?? [], ([name, hash]) => [name, hash.reveal()]));
}

/** Reads the web configuration, where one is named. */
export async function readWebConfig(
  file: string | undefined,
): Promise<{ web: LoadedWebConfig | undefined; errors: readonly ConfigError[] }> {
  if (file === undefined) return { web: undefined, errors: [] };
  const web = await loadWebConfig(file, (path) => readFile(path));
  return { web, errors: web.errors };
}
