import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../runtime/index.ts';
import type { Identity } from './identity.ts';
import { hashToken, newToken } from './token.ts';
import { expired, invalid, type Verdict } from './verdict.ts';

/** A sign-in link that nobody has used ends after this long. */
const LINK_MS = 24 * 3_600_000;

/** What the file holds: hashes and times, no secret. */
interface CredentialFile {
  readonly version: 1;
  readonly user: 'admin';
  readonly tokenSha256: string;
  readonly createdMs: number;
  /** The unused sign-in link; `null` once it was used. */
  readonly link: { readonly sha256: string; readonly expiresMs: number } | null;
}

/** Secrets made on the first start. This is the only moment they are known: print them, store them nowhere. */
export interface NewCredential {
  /** Good for one sign-in, for a day: goes into the fragment of the sign-in page's address. */
  readonly linkToken: string;
  /** The administrator's bearer token, for the API and for further sign-ins. */
  readonly token: string;
}

const identity: Identity = { kind: 'user', name: 'admin', groups: [], credential: 'first-start:admin' };

/**
 * The administrator of a server that was given no users: made on the first start, known afterwards by hashes in `access/admin.json`
 * below the data directory. To start over, remove the file.
 */
export class FirstStartCredential {
  readonly file: string;
  readonly #clock: Clock;
  #stored: CredentialFile;

  private constructor(file: string, clock: Clock, stored: CredentialFile) {
    this.file = file;
    this.#clock = clock;
    this.#stored = stored;
  }

  /**
   * Reads the credential below `dataDir`, or makes it.
   *
   * @returns with `created` when it was made now
   * @throws {Error} when the file can be neither read nor written, or does not hold what it should
   */
  static async open(
    dataDir: string,
    clock: Clock,
  ): Promise<{ credential: FirstStartCredential; created: NewCredential | undefined }> {
    const file = path.join(dataDir, 'access', 'admin.json');
    const stored = await load(file);
    if (stored !== undefined) return { credential: new FirstStartCredential(file, clock, stored), created: undefined };
    const created: NewCredential = { linkToken: newToken('link'), token: newToken() };
    const fresh: CredentialFile = {
      version: 1,
      user: 'admin',
      tokenSha256: hashToken(created.token),
      createdMs: clock.now(),
      link: { sha256: hashToken(created.linkToken), expiresMs: clock.now() + LINK_MS },
    };
    await store(file, fresh);
    return { credential: new FirstStartCredential(file, clock, fresh), created };
  }

  holds(other: Identity): boolean {
    return other === identity;
  }

  /** The bearer token; `undefined` for any other. */
  authenticate(token: string): Verdict | undefined {
    return hashToken(token) === this.#stored.tokenSha256 ? { status: 'accepted', identity } : undefined;
  }

  /** Uses up the sign-in link: the second time it is refused, also after a restart. `undefined` for any other token. */
  async redeem(linkToken: string): Promise<Verdict | undefined> {
    if (!linkToken.startsWith('ygr_link_')) return undefined;
    const { link } = this.#stored;
    if (link === null || hashToken(linkToken) !== link.sha256) return invalid;
    // Taken before the first wait, so that two requests cannot both use it.
    const used: CredentialFile = { ...this.#stored, link: null };
    this.#stored = used;
    await store(this.file, used);
    return link.expiresMs > this.#clock.now() ? { status: 'accepted', identity } : expired;
  }
}

async function load(file: string): Promise<CredentialFile | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const damaged = (cause?: unknown) =>
    new Error(`Cannot read the administrator's credential: "${file}" is damaged, remove it to get a new sign-in link`, {
      cause,
    });
  let value: Partial<CredentialFile>;
  try {
    value = JSON.parse(text) as Partial<CredentialFile>;
  } catch (error) {
    throw damaged(error);
  }
  const isHash = (hash: unknown) => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash);
  const linkIsSound = value.link === null || (isHash(value.link?.sha256) && typeof value.link?.expiresMs === 'number');
  if (value.version !== 1 || !isHash(value.tokenSha256) || !linkIsSound) throw damaged();
  return value as CredentialFile;
}

async function store(file: string, value: CredentialFile): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.tmp`;
  await writeFile(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, file);
}
