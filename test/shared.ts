import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/**
 * A folder of the conformance data that lies beside the project (`../shared/conformance`, or below `YAGURA_SHARED`),
 * or `undefined` where it is absent: tests over it then count as skipped.
 */
export function sharedDir(...parts: string[]): string | undefined {
  const shared = process.env.YAGURA_SHARED ?? path.resolve(root, '..', 'shared');
  const dir = path.join(shared, 'conformance', ...parts);
  return existsSync(dir) ? dir : undefined;
}
