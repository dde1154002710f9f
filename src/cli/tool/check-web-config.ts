import { readFile } from 'node:fs/promises';
import { loadWebConfig } from '../../web/index.ts';
import type { Terminal } from '../terminal.ts';

/** Checks web configurations as promtool does. @returns the exit code */
export async function checkWebConfigs(files: readonly string[], terminal: Terminal): Promise<number> {
  let hasErrors = false;
  for (const file of files) {
    const { errors } = await loadWebConfig(file, (path) => readFile(path));
    terminal.err(errors.length === 0 ? `${file} SUCCESS\n` : `${file} FAILED: ${errors.map(String).join('\n  ')}\n`);
    hasErrors ||= errors.length > 0;
  }
  return hasErrors ? 1 : 0;
}
