// npm start: installs and builds when something changed, then becomes the server.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { build, install, StepFailed } from './steps.mjs';
import { root } from './tree.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`yagura needs Node 20.19 or later, this is ${process.version}.\n`);
  process.exit(1);
}

try {
  await install();
  await build();
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

const args = process.argv.slice(2);
const server = spawn(
  process.execPath,
  [path.join(root, 'bin', 'yagura'), 'serve', '--config.file=examples/yagura.yml', ...args],
  { cwd: root, stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => server.kill(signal));
server.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
