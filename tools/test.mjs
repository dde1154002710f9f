// npm test: installs, builds, type-checks, checks the layers, lints, and runs every test that needs nothing beyond Node.
//   --installed      skip the installation check
//   --extra=FOLDER   also run the tests below FOLDER (test/interop, test/browser: they need programs from Debian)
//   --only-extra     run only those
//   --report=FILE    write the counts as JSON; --add=FILE adds the counts of an earlier run to the last line
// The last line is `N passed, N failed, N skipped`.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, install, layers, lint, step, StepFailed } from './steps.mjs';
import { root } from './tree.mjs';

const args = process.argv.slice(2);
const extras = args.filter((a) => a.startsWith('--extra=')).map((a) => a.slice('--extra='.length));
const option = (name) => args.find((a) => a.startsWith(`--${name}=`))?.slice(name.length + 3);
const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    failures.push(error.message);
  }
}

/** Runs vitest and adds its counts; a run that counted nothing is a failure of its own. */
async function tests(title, argv) {
  const report = path.join(root, 'dist', 'test-report.json');
  rmSync(report, { force: true });
  await attempt(() =>
    step(
      title,
      [
        process.execPath,
        path.join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        ...argv,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      { echo: true },
    ),
  );
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    counts.passed += result.numPassedTests;
    counts.failed += result.numFailedTests;
    counts.skipped += result.numPendingTests + result.numTodoTests;
    if (result.numTotalTests === 0) failures.push(`${title}: no test ran`);
  } catch (error) {
    failures.push(`${title}: no report (${error.message})`);
  }
}

try {
  if (!args.includes('--installed')) await install();
  await build();
  if (!args.includes('--only-extra')) {
    await attempt(layers);
    await attempt(lint);
    await tests('testing', []);
  }
  for (const folder of extras) await tests(`testing ${folder}`, ['--config=test/extra.config.ts', folder]);
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  failures.push(error.message);
}

const earlier = option('add');
if (earlier !== undefined) {
  const before = JSON.parse(readFileSync(path.join(root, earlier), 'utf8'));
  for (const key of Object.keys(counts)) counts[key] += before[key];
}
const report = option('report');
if (report !== undefined) writeFileSync(path.join(root, report), JSON.stringify(counts));

for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
// A step that is not a test (types, layers, lint) and fails counts as one failure, so that the line never looks green.
const failed = Math.max(counts.failed, failures.length > 0 ? 1 : 0);
process.stdout.write(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = failed > 0 ? 1 : 0;
