import type { Clock, Logger } from '../runtime/index.ts';
import { administratorsOnly, type AccessConfig } from './access-config.ts';
import { BasicAuthenticator, checkBasicUsers } from './basic.ts';
import { BcryptWorker, type PasswordHasher } from './bcrypt.ts';
import { FirstStartCredential, type NewCredential } from './first-start.ts';
import { anonymous, type Identity } from './identity.ts';
import type { Permission } from './permission.ts';
import { compilePolicy, type Decision, type ParseSelector, type Policy } from './policy.ts';
import { SelfScrapeToken } from './self-scrape.ts';
import { Sessions, type Session, type SessionOptions } from './sessions.ts';
import { checkTokens, TokenAuthenticator } from './token.ts';
import { invalid, type Credential, type Verdict } from './verdict.ts';

/** Where the users come from. Neither given: the server makes an administrator of its own. */
export interface AccessSources {
  /** The access file. */
  readonly file?: AccessConfig;
  /** `basic_auth_users` of the web configuration; administrators where there is no access file. */
  readonly webUsers?: Readonly<Record<string, string>>;
}

export interface AccessOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The first start's credential lies below it. */
  readonly dataDir: string;
  /** No sign-in: whoever asks may do everything. */
  readonly insecure: boolean;
  readonly parseSelector: ParseSelector;
  readonly hasher?: PasswordHasher;
  readonly sessions?: SessionOptions;
}

/** How a browser proves who it is when it signs in. */
export type Proof = { readonly user: string; readonly password: string } | { readonly token: string };

export type SignIn =
  | { readonly status: 'accepted'; readonly id: string; readonly session: Session }
  | Exclude<Verdict, { status: 'accepted' }>;

/** Something that knows bearer tokens of one kind; it says `undefined` to tokens of another. */
interface BearerAuthenticator {
  authenticate(token: string): Verdict | undefined;
  holds(identity: Identity): boolean;
}

const insecure: Identity = { kind: 'insecure', name: 'anonymous', groups: [], credential: 'none' };

/** Who asks, and what they may do: everything the server knows about access, without HTTP. */
export class AccessControl {
  readonly sessions: Sessions;
  readonly selfScrape = new SelfScrapeToken();
  readonly #options: AccessOptions;
  readonly #hasher: PasswordHasher;
  readonly #basic: BasicAuthenticator;
  readonly #tokens: TokenAuthenticator;
  #firstStart: FirstStartCredential | undefined;
  #newCredential: NewCredential | undefined;
  #policy: Policy;

  private constructor(options: AccessOptions) {
    this.#options = options;
    this.#hasher = options.hasher ?? new BcryptWorker();
    this.#basic = new BasicAuthenticator(this.#hasher, options.clock);
    this.#tokens = new TokenAuthenticator(options.clock);
    this.sessions = new Sessions(options.clock, options.sessions);
    this.#policy = compilePolicy(administratorsOnly([]), options.parseSelector);
  }

  /**
   * @throws {AccessConfigError} when the configuration cannot hold
   * @throws {Error} when the first start's credential can be neither read nor made
   */
  static async open(options: AccessOptions, sources: AccessSources = {}): Promise<AccessControl> {
    const access = new AccessControl(options);
    await access.reconfigure(sources);
    return access;
  }

  /** Replaces users, tokens and policy as one; when it throws, everything stays as it was. Sessions of those who are gone end. */
  async reconfigure(sources: AccessSources): Promise<void> {
    const { file, webUsers = {} } = sources;
    if (this.#options.insecure && (file !== undefined || Object.keys(webUsers).length > 0)) {
      throw new Error('Users are configured, but --insecure lets everybody in: leave one of them out');
    }
    const config = file ?? administratorsOnly(Object.keys(webUsers));
    const policy = compilePolicy(
      file === undefined && Object.keys(webUsers).length === 0 ? administratorsOnly(['admin']) : config,
      this.#options.parseSelector,
    );
    checkBasicUsers(webUsers, ['basic_auth_users']);
    checkBasicUsers(config.basicUsers, ['basic', 'users']);
    checkTokens(config.tokens);
    const users = new Map([...Object.entries(webUsers), ...Object.entries(config.basicUsers)]);
    const needsFirstStart = !this.#options.insecure && file === undefined && users.size === 0;
    if (needsFirstStart && this.#firstStart === undefined) {
      const { credential, created } = await FirstStartCredential.open(this.#options.dataDir, this.#options.clock);
      this.#firstStart = credential;
      this.#newCredential = created;
    } else if (!needsFirstStart) {
      this.#firstStart = undefined;
    }
    this.#basic.setUsers([...users].map(([name, hash]) => ({ name, hash })));
    this.#tokens.setTokens(config.tokens);
    this.#policy = policy;
    this.sessions.closeWhere((identity) => !this.#holds(identity));
  }

  /** The first start's secrets with the file their hashes lie in, once: a second call gives `undefined`. */
  takeNewCredential(): (NewCredential & { readonly credentialFile: string }) | undefined {
    const created = this.#newCredential;
    this.#newCredential = undefined;
    return created && this.#firstStart && { ...created, credentialFile: this.#firstStart.file };
  }

  get isInsecure(): boolean {
    return this.#options.insecure;
  }

  /** Whom a request without any credential comes from. */
  get withoutCredential(): Identity {
    return this.#options.insecure ? insecure : anonymous;
  }

  /** @param source the address the request came from */
  async authenticate(credential: Credential, source: string): Promise<Verdict> {
    if (this.#options.insecure) return { status: 'accepted', identity: insecure };
    switch (credential.kind) {
      case 'basic':
        if (!this.#basic.hasUsers) return invalid;
        return this.#basic.authenticate(credential.user, credential.password, source);
      case 'bearer':
        return this.#bearer(credential.token);
      case 'session': {
        const session = this.sessions.use(credential.id);
        if (session === undefined) return { status: 'refused', reason: 'expired' };
        if (this.#holds(session.identity)) return { status: 'accepted', identity: session.identity };
        this.sessions.close(credential.id);
        return { status: 'refused', reason: 'expired' };
      }
    }
  }

  /** Opens a session for whoever proves who they are. */
  async signIn(proof: Proof, source: string): Promise<SignIn> {
    const verdict = await this.#prove(proof, source);
    if (verdict.status !== 'accepted') {
      this.#options.logger.warn('Sign-in refused', {
        user: 'user' in proof ? proof.user.slice(0, 64) : undefined,
        source,
        reason: verdict.status === 'refused' ? verdict.reason : 'throttled',
      });
      return verdict;
    }
    const { id, session } = this.sessions.open(verdict.identity);
    this.#options.logger.info('Signed in', { user: verdict.identity.name, source });
    return { status: 'accepted', id, session };
  }

  decide(identity: Identity, permission: Permission): Decision {
    return this.#policy.decide(identity, permission);
  }

  /** Whether the permission needs no credential. */
  isOpen(permission: Permission): boolean {
    return this.#policy.isOpen(permission);
  }

  permissionsOf(identity: Identity): readonly Permission[] {
    return this.#policy.permissionsOf(identity);
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    await this.#hasher.close();
  }

  async #prove(proof: Proof, source: string): Promise<Verdict> {
    if (this.#options.insecure) return { status: 'accepted', identity: insecure };
    if ('user' in proof) return this.authenticate({ kind: 'basic', ...proof }, source);
    return (await this.#firstStart?.redeem(proof.token)) ?? this.#bearer(proof.token);
  }

  get #bearers(): readonly BearerAuthenticator[] {
    return [this.selfScrape, this.#tokens, ...(this.#firstStart === undefined ? [] : [this.#firstStart])];
  }

  #bearer(token: string): Verdict {
    for (const authenticator of this.#bearers) {
      const verdict = authenticator.authenticate(token);
      if (verdict !== undefined) return verdict;
    }
    return invalid;
  }

  #holds(identity: Identity): boolean {
    if (identity.kind === 'insecure') return this.#options.insecure;
    return this.#basic.holds(identity) || this.#bearers.some((authenticator) => authenticator.holds(identity));
  }
}
