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

/** What a server without users prints when it starts for the first time. */
export interface FirstStart {
  /** Ends in `/`. */
  readonly url: string;
  /** Good for one sign-in. */
  readonly link: string;
  /** The administrator's. */
  readonly token: string;
}

/** A running server with the page and the API. */
export interface Backend {
  /** Address of the first page, ending in `/`. */
  readonly url: string;
  /** A new server without users, with the same prefix. */
  firstStart(): Promise<FirstStart>;
  close(): Promise<void>;
}
