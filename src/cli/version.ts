import { readFileSync } from 'node:fs';

/** The version of this program, from its package. */
export const VERSION: string = readVersion();

function readVersion(): string {
  // The built file lies in dist/src/cli, the source in src/cli: the package is the nearest one above.
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      // Not at this height.
    }
  }
  return 'unknown';
}
