// What the installed and the built tree were made from: so that a second `npm start` does neither again.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const stamps = {
  install: path.join(root, 'node_modules', '.yagura-installed'),
  build: path.join(root, 'dist', '.yagura-built'),
};

const built = [
  'src',
  'ui',
  'test',
  'bench',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.base.json',
  'vite.config.ts',
];

/** Fingerprint of what `npm ci` installs from, or of the sources the build reads. */
export function fingerprint(kind) {
  const hash = createHash('sha256').update(process.version);
  if (kind === 'install') return hash.update(readFileSync(path.join(root, 'package-lock.json'))).digest('hex');
  const visit = (file) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isDirectory()) {
      for (const name of readdirSync(file).sort()) if (name !== 'node_modules') visit(path.join(file, name));
      return;
    }
    hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  };
  for (const name of built) visit(path.join(root, name));
  return hash.digest('hex');
}

export function isCurrent(kind) {
  const stamp = stamps[kind];
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(kind);
}

export function markCurrent(kind) {
  mkdirSync(path.dirname(stamps[kind]), { recursive: true });
  writeFileSync(stamps[kind], fingerprint(kind));
}
