/** Who may sign in during the tests. */
export interface TestUser {
  readonly user: string;
  readonly password: string;
}

/** Holds every permission. */
export const admin: TestUser = { user: 'admin', password: 'correct horse' };

export interface BackendOptions {
  /** Folder of the test's own: `config.yml` and `rules.yml` lie there. */
  readonly dir: string;
  /** Route prefix with both slashes; `/` for none. */
  readonly prefix: string;
  readonly users: readonly TestUser[];
}

/** A running server with the page and the API. */
export interface Backend {
  /** Address of the first page, ending in `/`. */
  readonly url: string;
  /** A sign-in link that was not used yet; it may lead to another server with the same prefix. */
  issueLink(): Promise<string>;
  close(): Promise<void>;
}
