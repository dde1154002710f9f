import type { BuildInfo } from '../../api/index.ts';
import type { Registry } from '../../runtime/index.ts';
import { VERSION } from '../version.ts';

/** The Prometheus release whose API and formats are spoken: clients decide by it what they may ask. */
export const PROMETHEUS_VERSION = '3.14.0';

export const buildInfo: BuildInfo = {
  version: PROMETHEUS_VERSION,
  revision: `yagura-${VERSION}`,
  branch: '',
  buildUser: '',
  buildDate: '',
  goVersion: `node-${process.versions.node}`,
};

/** Registers what the program says of its own version. */
export function registerBuildInfo(registry: Registry): void {
  registry
    .gaugeVec(
      'prometheus_build_info',
      'A metric with a constant 1 value labeled by version, revision, branch and the runtime of the program.',
      [...['version', 'revision', 'branch', 'goversion', 'goos', 'goarch']],
    )
    .with(buildInfo.version, buildInfo.revision, buildInfo.branch, buildInfo.goVersion, process.platform, process.arch)
    .set(1);
  registry
    .gaugeVec('yagura_build_info', 'A metric with a constant 1 value labeled by version and Node version.', [
      'version',
      'node',
    ])
    .with(VERSION, process.version)
    .set(1);
}

/** When support of each Node line ends. */
const endOfLife: Readonly<Record<string, string>> = { 20: '2026-04-30', 22: '2027-04-30', 24: '2028-04-30' };

/** What is to be said of a Node that no longer gets fixes; `undefined` for one that does. */
export function nodeWarning(nowMs: number, version: string = process.versions.node): string | undefined {
  const ended = endOfLife[version.split('.')[0]];
  if (ended === undefined || nowMs < Date.parse(ended)) return undefined;
  return `Node ${version} gets no more security fixes since ${ended}: a newer line (24) is recommended`;
}
