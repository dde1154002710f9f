// Steps of a command line: each says what it does, how long it took, and shows its output only when it fails.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { isCurrent, markCurrent, root } from './tree.mjs';

const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const isTerminal = process.stderr.isTTY === true;

export class StepFailed extends Error {}

/**
 * Runs one command as a named step on stderr.
 * @param {string} title what the person reads
 * @param {string[]} argv
 * @param {{echo?: boolean, env?: NodeJS.ProcessEnv}} options echo: pass the output through as it comes
 * @returns {Promise<string>} everything it printed
 */
export async function step(title, argv, options = {}) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  process.stderr.write(isTerminal && !options.echo ? `… ${title}` : `… ${title}\n`);
  const ticker =
    isTerminal && !options.echo && setInterval(() => process.stderr.write(`\r… ${title} (${seconds()})`), 200);
  const chunks = [];
  const child = spawn(argv[0], argv.slice(1), {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      chunks.push(data);
      if (options.echo) process.stdout.write(data);
    });
  }
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      chunks.push(Buffer.from(`${error.message}\n`));
      resolve(127);
    });
    child.on('close', (status, signal) => resolve(status ?? signal));
  });
  if (ticker) clearInterval(ticker);
  const output = Buffer.concat(chunks).toString();
  process.stderr.write(`${isTerminal && !options.echo ? '\r' : ''}${code === 0 ? '✔' : '✘'} ${title} (${seconds()})\n`);
  if (code !== 0) {
    if (!options.echo) process.stderr.write(output);
    const failure = new StepFailed(`${title}: ${argv.map((a) => path.basename(a)).join(' ')} ended with ${code}`);
    failure.output = output;
    throw failure;
  }
  return output;
}

/** `npm ci`, unless node_modules is already what package-lock.json asks for. */
export async function install() {
  if (isCurrent('install')) return;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  await step('installing dependencies (npm ci)', [npm, 'ci', '--no-fund', '--no-audit', '--include=dev']);
  markCurrent('install');
}

/** Compiles the server and bundles the page, unless dist is already what the sources say. */
export async function build() {
  if (isCurrent('build')) return;
  rmSync(path.join(root, 'dist', '.yagura-built'), { force: true });
  await types();
  await step('building the page', [bin('vite'), 'build', '--logLevel=warn']);
  markCurrent('build');
}

export const types = () =>
  step('compiling and type-checking', [process.execPath, path.join(root, 'node_modules', 'ts7', 'bin', 'tsc'), '-b']);
export const layers = () =>
  step('checking the layers', [bin('depcruise'), '--config', 'tools/layers.cjs', 'src', 'ui/src']);
export const lint = async () => {
  await step('linting', [bin('eslint'), '.']);
  await step('checking the format', [bin('prettier'), '--check', '--log-level=warn', '.']);
};
