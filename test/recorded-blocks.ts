import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const SUFFIX = '.base64.txt';

/**
 * Copies a directory in which binary files are stored as base64 text to `to`, decoded: how recorded blocks are kept for tests.
 */
export function unpackRecorded(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    if (entry.isDirectory()) unpackRecorded(source, path.join(to, entry.name));
    else if (entry.name.endsWith(SUFFIX)) {
      const bytes = Buffer.from(readFileSync(source, 'utf8'), 'base64');
      writeFileSync(path.join(to, entry.name.slice(0, -SUFFIX.length)), bytes);
    } else writeFileSync(path.join(to, entry.name), readFileSync(source));
  }
}
