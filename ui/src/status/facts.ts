import { formatTime, type Zone } from '../format/time.ts';

/** A name and what it says. */
export type Fact = readonly [name: string, text: string];

/** `startTime` as `Start time`, `GOMAXPROCS` as it is. */
export function humanizeKey(key: string): string {
  if (key === key.toUpperCase()) return key;
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(' ')
    .map((word) => (word.length > 1 && word === word.toUpperCase() ? word : word.toLowerCase()));
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Status = Readonly<Record<string, unknown>>;

/** What the API carries for programs that know a Prometheus: it describes Go's runtime, of which there is none here. */
const ofGo: ReadonlySet<string> = new Set(['goroutineCount', 'GOMAXPROCS', 'GOMEMLIMIT', 'GOGC', 'GODEBUG']);

/** Names that say more than their keys. */
const names: ReadonlyMap<string, string> = new Map([
  ['CWD', 'Working directory'],
  ['reloadConfigSuccess', 'Last reload succeeded'],
  ['lastConfigTime', 'Configuration loaded'],
  ['corruptionCount', 'Write-ahead log corruptions'],
]);

/** How the server runs. */
export function runtimeFacts(status: Status, zone: Zone): Fact[] {
  return toFacts(Object.fromEntries(Object.entries(status).filter(([key]) => !ofGo.has(key))), zone);
}

/** What the server is: Yagura's own version first, then what it runs on and which API it speaks. */
export function buildFacts(status: Status, zone: Zone): Fact[] {
  const { version, revision, goVersion, ...rest } = status;
  const yagura = after('yagura-', revision);
  if (yagura === undefined) return toFacts(status, zone);
  const node = after('node-', goVersion);
  return [
    ['Yagura', yagura],
    ...toFacts(node === undefined ? { runtime: goVersion } : { node }, zone),
    ...toFacts({ APICompatibility: typeof version === 'string' ? `Prometheus ${version}` : version }, zone),
    ...toFacts(rest, zone),
  ];
}

function after(prefix: string, value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith(prefix) ? value.slice(prefix.length) : undefined;
}

/**
 * The entries of a status object for reading: times in the zone, yes and no. Servers differ in what they tell: whatever
 * says something is shown.
 */
export function toFacts(status: Status, zone: Zone): Fact[] {
  return Object.entries(status)
    .filter(([, value]) => value !== '' && value !== null && value !== undefined)
    .map(([key, value]) => [names.get(key) ?? humanizeKey(key), textOf(value, zone)]);
}

function textOf(value: unknown, zone: Zone): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return JSON.stringify(value);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value)) {
    const ms = Date.parse(value);
    if (Number.isFinite(ms)) return `${formatTime(Math.floor(ms / 1000) * 1000, zone)}${zone === 'utc' ? ' UTC' : ''}`;
  }
  return value;
}
