import { readFile as readSystemFile } from 'node:fs/promises';
import path from 'node:path';
import { Secret } from '../runtime/index.ts';
import {
  boolean,
  ConfigError,
  decodeDocument,
  decodeYaml,
  type Decoder,
  duration,
  field,
  filePath,
  int,
  list,
  mapOf,
  type Node,
  object,
  optional,
  parsed,
  parseSize,
  parseYaml,
  type Schema,
  secretOf,
  string,
  text,
} from '../schema/index.ts';
import type { AccessConfig, BindingConfig, TokenConfig } from './access-config.ts';
import { checkBasicUsers } from './basic.ts';
import { AccessConfigError, pathText, type ConfigPath } from './config-error.ts';
import type { Limits } from './limits.ts';
import { compilePolicy, type ParseSelector } from './policy.ts';
import { checkTokens } from './token.ts';

/** The access file with everything it refers to by name. */
export interface LoadedAccess {
  readonly config: AccessConfig;
  /** Files that were read, for telling when to read again. */
  readonly files: readonly string[];
  /** Empty exactly when the configuration is fit for use. */
  readonly errors: readonly ConfigError[];
}

export interface LoadAccessOptions {
  readonly parseSelector: ParseSelector;
  /** Reads a file's bytes; the system's files unless something else is given. */
  readonly readFile?: (file: string) => Promise<Uint8Array>;
}

interface TokenYaml {
  readonly name: string;
  readonly sha256: string;
  readonly expiresMs: number | undefined;
}

interface BindingYaml {
  readonly user: string;
  readonly group: string;
  readonly token: string;
  readonly role: string;
  readonly scope: string[] | undefined;
  readonly limits: string;
  readonly templatesOnly: boolean;
}

interface LimitsYaml {
  readonly maxSeries: number | undefined;
  readonly maxSamples: number | undefined;
  readonly maxRangeMs: number | undefined;
  readonly maxDurationMs: number | undefined;
  readonly maxConcurrency: number | undefined;
  readonly maxResultBytes: number | undefined;
}

interface AccessYaml {
  readonly anonymous: string[];
  readonly basic: { readonly users: Map<string, Secret>; readonly usersFile: string };
  readonly tokens: TokenYaml[];
  readonly roles: Map<string, string[]>;
  readonly bindings: BindingYaml[];
  readonly limits: Map<string, LimitsYaml>;
}

const hash = secretOf((value) => new Secret(value));

/** When something ends: a time, or a day at whose beginning (UTC) it does. */
const instant: Schema<number> = parsed({
  type: 'time',
  expected: 'a time such as 2027-01-01T00:00:00Z',
  parse: (given) => {
    const isTime = /^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?$/.test(given);
    const ms = isTime ? Date.parse(given.replace(' ', 'T')) : NaN;
    if (Number.isNaN(ms)) throw new Error(`not a time: ${JSON.stringify(given)}`);
    return ms;
  },
  zero: () => 0,
  isZero: (ms) => ms === 0,
  encode: (ms) => text(new Date(ms).toISOString()),
});

const factors: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** A number of things: `5000`, `1M`. */
const count: Schema<number> = parsed({
  type: 'number',
  expected: 'a number such as 5000 or 1M',
  parse: (given) => {
    const [, digits, suffix] = /^(\d{1,15}(?:\.\d{1,6})?)([kKMG]?)$/.exec(given) ?? [];
    const value = Math.round(Number(digits) * factors[suffix ?? '']!);
    if (!(value > 0)) throw new Error(`not a number above 0: ${JSON.stringify(given)}`);
    return value;
  },
  zero: () => 0,
  isZero: (value) => value === 0,
  encode: (value) => text(String(value)),
});

const bytes: Schema<number> = parsed({
  type: 'size',
  expected: 'a size such as 10MB',
  parse: (given) => {
    const size = parseSize(given);
    if (size <= 0) throw new Error(`not a size above 0: ${JSON.stringify(given)}`);
    return size;
  },
  zero: () => 0,
  isZero: (value) => value === 0,
  encode: (value) => text(`${value}B`),
});

const tokenSchema = object<TokenYaml>({
  name: 'a token',
  fields: {
    name: field('name', string(), { required: 'a token needs a name' }),
    sha256: field('sha256', string(), { required: 'a token needs the sha256 of its text' }),
    expiresMs: field('expires', optional(instant)),
  },
});

const bindingSchema = object<BindingYaml>({
  name: 'a binding',
  fields: {
    user: field('user', string()),
    group: field('group', string()),
    token: field('token', string()),
    role: field('role', string(), { required: 'a binding needs a role' }),
    scope: field('scope', optional(list(string()))),
    limits: field('limits', string()),
    templatesOnly: field('templates_only', boolean()),
  },
});

const limitsSchema = object<LimitsYaml>({
  name: 'limits',
  fields: {
    maxSeries: field('max_series', optional(count)),
    maxSamples: field('max_samples', optional(count)),
    maxRangeMs: field('max_range', optional(duration())),
    maxDurationMs: field('max_duration', optional(duration())),
    maxConcurrency: field('max_concurrency', optional(int({ min: 1 }))),
    maxResultBytes: field('max_result_bytes', optional(bytes)),
  },
});

const accessSchema = object<AccessYaml>({
  name: 'the access file',
  fields: {
    anonymous: field('anonymous', list(string()), {
      default: () => ['health'],
      doc: 'Permissions without a credential.',
    }),
    basic: field(
      'basic',
      object<AccessYaml['basic']>({
        name: 'basic',
        fields: {
          users: field('users', mapOf(hash), { doc: 'bcrypt hashes by user name.' }),
          usersFile: field('users_file', filePath(), { doc: 'A file with such a map.' }),
        },
      }),
    ),
    tokens: field('tokens', list(tokenSchema), { doc: 'Bearer tokens, by their SHA-256.' }),
    roles: field('roles', mapOf(list(string())), { doc: 'Permissions and other roles by name of the role.' }),
    bindings: field('bindings', list(bindingSchema), { doc: 'Who has which role, on which series.' }),
    limits: field('limits', mapOf(limitsSchema), { doc: 'What queries may cost, by name.' }),
  },
});

/**
 * Reads an access file and the users it names, and checks it as a whole. Never throws: what is wrong is in `errors`, each with its
 * place in the file.
 */
export async function loadAccessFile(file: string, options: LoadAccessOptions): Promise<LoadedAccess> {
  const readFile = options.readFile ?? readSystemFile;
  const nothing: AccessConfig = { anonymous: [], basicUsers: {}, tokens: [], roles: {}, bindings: [], limits: {} };
  let source: Uint8Array;
  try {
    source = await readFile(file);
  } catch (error) {
    return { config: nothing, files: [file], errors: [unreadable(file, error)] };
  }
  const document = parseYaml(source, file);
  const { value, decoder } = decodeDocument(accessSchema, document, {
    directory: path.dirname(file),
    empty: () => accessSchema.defaults(),
  });
  const files = [file];
  const users = new Map(value.basic.users);
  const errors: ConfigError[] = [];
  if (value.basic.usersFile !== '') {
    files.push(value.basic.usersFile);
    const listed = await loadUsers(value.basic.usersFile, readFile);
    errors.push(...listed.errors);
    for (const [name, secret] of listed.users) {
      if (users.has(name)) {
        const message = `user ${JSON.stringify(name)} is in this file and in ${listed.file}`;
        decoder.failObject(value.basic, 'usersFile', message);
      }
      users.set(name, secret);
    }
  }
  const config = toConfig(value, users);
  if (decoder.errorCount === 0 && errors.length === 0)
    checkWhole(config, document.root, decoder, options.parseSelector);
  return { config, files, errors: [...decoder.errors, ...errors] };
}

/** The checks that need more than one part of the file. They stop at the first fault. */
function checkWhole(
  config: AccessConfig,
  root: Node | undefined,
  decoder: Decoder,
  parseSelector: ParseSelector,
): void {
  try {
    checkBasicUsers(config.basicUsers, ['basic', 'users']);
    checkTokens(config.tokens);
    compilePolicy(config, parseSelector);
  } catch (error) {
    if (!(error instanceof AccessConfigError)) throw error;
    decoder.failAt(offsetOf(root, error.path), pathText(error.path), error.detail);
  }
}

/** Where the value at a path stands, or what comes nearest above it. */
function offsetOf(root: Node | undefined, at: ConfigPath): number {
  let node = root;
  let offset = root?.offset ?? 0;
  for (const step of at) {
    if (node?.kind === 'alias') node = node.target;
    if (node?.kind === 'map') {
      node = node.entries.find(({ key }) => key.kind === 'scalar' && key.text === step)?.value;
    } else if (node?.kind === 'list' && typeof step === 'number') {
      node = node.items[step];
    } else {
      node = undefined;
    }
    if (node === undefined) return offset;
    offset = node.offset;
  }
  return offset;
}

async function loadUsers(
  file: string,
  readFile: (file: string) => Promise<Uint8Array>,
): Promise<{ file: string; users: ReadonlyMap<string, Secret>; errors: readonly ConfigError[] }> {
  let source: Uint8Array;
  try {
    source = await readFile(file);
  } catch (error) {
    return { file, users: new Map(), errors: [unreadable(file, error)] };
  }
  const { value, errors } = decodeYaml(mapOf(hash), source, file);
  return { file, users: value, errors };
}

function toConfig(yaml: AccessYaml, users: ReadonlyMap<string, Secret>): AccessConfig {
  return {
    anonymous: yaml.anonymous,
    basicUsers: Object.fromEntries(Array.from(users, ([name, secret]) => [name, secret.reveal()])),
    tokens: yaml.tokens.map(({ name, sha256, expiresMs }): TokenConfig => ({
      name,
      sha256,
      ...(expiresMs === undefined ? {} : { expiresMs }),
    })),
    roles: Object.fromEntries(yaml.roles),
    bindings: yaml.bindings.map(toBinding),
    limits: Object.fromEntries(Array.from(yaml.limits, ([name, limits]) => [name, given(limits) as Limits])),
  };
}

function toBinding({ user, group, token, role, scope, limits, templatesOnly }: BindingYaml): BindingConfig {
  return {
    role,
    templatesOnly,
    ...(user === '' ? {} : { user }),
    ...(group === '' ? {} : { group }),
    ...(token === '' ? {} : { token }),
    ...(scope === undefined ? {} : { scope }),
    ...(limits === '' ? {} : { limits }),
  };
}

/** The members that are there. */
function given(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function unreadable(file: string, error: unknown): ConfigError {
  const message = error instanceof Error ? error.message : String(error);
  return new ConfigError({ file, line: 0, column: 0, path: '', message });
}
