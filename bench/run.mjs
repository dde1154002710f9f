// npm run bench: every micro-benchmark, each case in a process of its own (cases that share one change each other's speed),
// printed as a table with medians.
//   npm run bench -- WORD ...     only cases whose file or name contains every word
//   npm run bench -- --json       one JSON object a line instead of the table
import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, install, StepFailed } from '../tools/steps.mjs';
import { root } from '../tools/tree.mjs';

const self = fileURLToPath(import.meta.url);
const WARM_UP_MS = 300;
const BATCH_MS = 20;
const BATCHES = 31;

if (process.send === undefined) await main();
else await child();

async function main() {
  const args = process.argv.slice(2);
  const json = args.includes('--json');
  const words = args.filter((a) => !a.startsWith('--'));
  try {
    await install();
    await build();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  const results = [];
  for (const file of benchFiles(path.join(root, 'dist', 'src'))) {
    const cases = (await import(pathToFileURL(file).href)).default;
    for (const [at, { name }] of cases.entries()) {
      const where = path.relative(path.join(root, 'dist', 'src'), file).replace(/\.bench\.js$/, '');
      if (!words.every((word) => where.includes(word) || name.includes(word))) continue;
      let result;
      try {
        result = { where, name, ...(await measure(file, at)) };
      } catch (error) {
        // One broken case does not cost the others their turn.
        process.stderr.write(`✘ ${where}: ${name}: ${error.message}\n`);
        process.exitCode = 1;
        continue;
      }
      results.push(result);
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
      else process.stderr.write(`  ${where}: ${name}\n`);
    }
  }
  if (!json) printTable(results);
}

function benchFiles(dir) {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.bench.js'))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function measure(file, at) {
  return new Promise((resolve, reject) => {
    const runner = fork(self, [file, String(at)]);
    let result;
    runner.on('message', (message) => (result = message));
    runner.on('error', reject);
    runner.on('exit', (code) =>
      result ? resolve(result) : reject(new Error(`${file} case ${at} ended with ${code}`)),
    );
  });
}

async function child() {
  const [file, at] = process.argv.slice(2);
  const { run, setup, ops = 1, unit = 'run' } = (await import(pathToFileURL(file).href)).default[Number(at)];
  await setup?.();
  let kept;
  const time = async (times) => {
    const started = performance.now();
    for (let i = 0; i < times; i++) {
      kept = run();
      if (kept instanceof Promise) kept = await kept;
    }
    return performance.now() - started;
  };
  let times = 1;
  const warmUntil = performance.now() + WARM_UP_MS;
  while (performance.now() < warmUntil) {
    const ms = await time(times);
    if (ms < BATCH_MS) times *= 2;
  }
  times = Math.max(1, Math.round((times * BATCH_MS) / Math.max(await time(times), 0.001)));
  const batches = [];
  for (let i = 0; i < BATCHES; i++) batches.push(((await time(times)) * 1e6) / times / ops);
  batches.sort((a, b) => a - b);
  process.send({
    unit,
    median: batches[BATCHES >> 1],
    p10: batches[Math.floor(BATCHES * 0.1)],
    p90: batches[Math.floor(BATCHES * 0.9)],
    kept: kept === undefined ? 0 : 1,
  });
  process.disconnect();
}

function printTable(results) {
  const rows = results.map((r) => [
    r.where,
    r.name,
    duration(r.median),
    `${duration(r.p10)} … ${duration(r.p90)}`,
    `per ${r.unit}`,
    rate(r),
  ]);
  const table = [['module', 'case', 'median', 'p10 … p90', '', 'a second'], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  for (const row of table)
    process.stdout.write(
      `${row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')}\n`,
    );
  process.stdout.write(
    `\nNode ${process.version}, ${process.platform} ${process.arch}; medians of ${BATCHES} batches, each case in its own process.\n`,
  );
}

function duration(ns) {
  if (ns < 1000) return `${ns.toPrecision(3)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toPrecision(3)} µs`;
  return `${(ns / 1e6).toPrecision(3)} ms`;
}

function rate({ median, unit }) {
  const perSecond = 1e9 / median;
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toPrecision(3)} M ${unit}s`;
  return `${perSecond >= 1000 ? `${(perSecond / 1e3).toPrecision(3)} k` : perSecond.toPrecision(3)} ${unit}s`;
}
