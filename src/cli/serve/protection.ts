import { readFile } from 'node:fs/promises';
import { loadAccessFile, type AccessSources, type LoadedAccess, type ParseSelector } from '../../access/index.ts';
import type { ConfigError } from '../../schema/index.ts';
import { loadWebConfig, type LoadedWebConfig } from '../../web/index.ts';
import type { Protection } from './exposure.ts';

/** The files that say who may use the server and how it is reached: the web configuration and the access file, where they are named. */
export interface ProtectionFiles {
  readonly web: LoadedWebConfig | undefined;
  readonly access: LoadedAccess | undefined;
  /** Empty exactly when both are fit for use. */
  readonly errors: readonly ConfigError[];
}

/** Reads both files. Never throws for what is wrong with them. */
export async function readProtection(
  files: { readonly web: string | undefined; readonly access: string | undefined },
  parseSelector: ParseSelector,
): Promise<ProtectionFiles> {
  const web = files.web === undefined ? undefined : await loadWebConfig(files.web, (path) => readFile(path));
  const access = files.access === undefined ? undefined : await loadAccessFile(files.access, { parseSelector });
  return { web, access, errors: [...(web?.errors ?? []), ...(access?.errors ?? [])] };
}

/** Where the users come from. */
export function accessSources({ web, access }: ProtectionFiles): AccessSources {
  const webUsers = Object.fromEntries(
    Array.from(web?.config.basicAuthUsers ?? [], ([name, hash]) => [name, hash.reveal()]),
  );
  return { webUsers, ...(access === undefined ? {} : { file: access.config }) };
}

/** What stands between the network and the server. */
export function protectionOf(files: ProtectionFiles): Protection {
  const { file, webUsers = {} } = accessSources(files);
  const hasUsers = Object.keys(webUsers).length > 0 || Object.keys(file?.basicUsers ?? {}).length > 0;
  return { hasTls: files.web?.tls !== undefined, hasCredentials: hasUsers || (file?.tokens.length ?? 0) > 0 };
}
