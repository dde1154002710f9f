import { watch, type FSWatcher } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseTargetGroups } from './documents.ts';
import type { FileSdConfig } from './file-config.ts';
import { pause, type Provider, type ProviderContext } from './provider.ts';
import { targetGroup } from './static.ts';
import type { TargetGroup } from './target-group.ts';

/** Editors write a file in several steps: look once they are done. */
const SETTLE_MS = 100;

/**
 * Targets from JSON and YAML files, read again when a directory of theirs changes and every so often. A file that cannot be read as
 * target groups keeps what it said before; one that is gone takes its targets with it.
 *
 * @see Prometheus `discovery/file`
 */
export function fileProvider(config: FileSdConfig, context: ProviderContext): Provider {
  return {
    run: async (emit, signal) => {
      const known = new Map<string, TargetGroup[]>();
      let wake = () => {};
      const watchers = watchDirectories(config, context, () => {
        wake();
      });
      try {
        while (!signal.aborted) {
          const started = context.clock.monotonic();
          const changed = await look(config, context, known);
          if (changed.length > 0) emit(changed);
          context.metrics.looked('file', (context.clock.monotonic() - started) / 1000);
          const woken = new Promise<void>((resolve) => (wake = resolve));
          const enough = new AbortController();
          const stop = AbortSignal.any([signal, enough.signal]);
          await Promise.race([
            pause(context.clock, config.refreshIntervalMs, stop),
            woken.then(() => pause(context.clock, SETTLE_MS, signal)),
          ]);
          enough.abort();
        }
      } finally {
        for (const watcher of watchers) watcher.close();
      }
    },
  };
}

/** Reads every file; gives the groups to emit and remembers them in `known`. */
async function look(
  config: FileSdConfig,
  context: ProviderContext,
  known: Map<string, TargetGroup[]>,
): Promise<TargetGroup[]> {
  const changed: TargetGroup[] = [];
  const present = new Set(await expand(config.files));
  for (const file of present) {
    try {
      const text = await readFile(file, 'utf8');
      const groups = parseTargetGroups(text, file, file.toLowerCase().endsWith('.json')).map((group, i) =>
        targetGroup(`${file}:${i}`, group, { __meta_filepath: file }),
      );
      changed.push(...groups, ...emptied(known.get(file) ?? [], groups.length));
      known.set(file, groups);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        present.delete(file);
        continue;
      }
      context.metrics.failed('file');
      context.logger.error('Cannot read targets, keeping those known so far', { file, error });
    }
  }
  for (const [file, groups] of known) {
    if (present.has(file)) continue;
    changed.push(...emptied(groups, 0));
    known.delete(file);
  }
  return changed;
}

/** Groups from `from` on, as gone. */
function emptied(groups: readonly TargetGroup[], from: number): TargetGroup[] {
  return groups.slice(from).map((group) => ({ ...group, targets: [] }));
}

async function expand(patterns: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const pattern of patterns) {
    const { dir, base } = path.parse(pattern);
    if (!base.includes('*')) {
      files.push(pattern);
      continue;
    }
    const parts = base.split('*');
    const names = await readdir(dir === '' ? '.' : dir).catch(() => []);
    files.push(
      ...names
        .filter((name) => matchesParts(name, parts))
        .map((name) => path.join(dir, name))
        .sort(),
    );
  }
  return files;
}

/** Whether `name` is the parts with anything between them. */
function matchesParts(name: string, parts: readonly string[]): boolean {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}

function watchDirectories(config: FileSdConfig, context: ProviderContext, onChange: () => void): FSWatcher[] {
  const watchers: FSWatcher[] = [];
  for (const dir of new Set(config.files.map((file) => path.dirname(file)))) {
    try {
      const watcher = watch(dir, { persistent: false }, onChange);
      watcher.on('error', (error) => {
        context.logger.warn('Cannot watch for changes, looking at intervals only', { dir, error });
      });
      watchers.push(watcher);
    } catch (error) {
      context.logger.warn('Cannot watch for changes, looking at intervals only', { dir, error });
    }
  }
  return watchers;
}
