import { type Cookie } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { admin } from './backend.ts';
import { type Browser, chromiumProgram, type PageOptions, startChromium, type WatchedPage } from './chromium.ts';
import { type PageServer, startServer } from './server.ts';
import { whyNoBackend } from './yagura-backend.ts';

/** What a test of the page works with. */
export interface Fixture {
  readonly server: PageServer;
  readonly browser: Browser;
  /** A page of `admin`'s session, which all tests share, at an address below the server's. */
  openSignedIn(path: string, options?: PageOptions): Promise<WatchedPage>;
  /** The same after signing in by the form, with a session of its own. */
  signIn(path: string, options?: PageOptions): Promise<WatchedPage>;
}

/**
 * Tests against one server and one browser, started for them. They count as skipped where either is missing, and say
 * why.
 */
export function describePage(title: string, options: { prefix?: string }, tests: (fixture: Fixture) => void): void {
  const reason = chromiumProgram === undefined ? 'Chromium is not installed' : whyNoBackend;
  describe.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (skipped: ${reason})`, () => {
    const running: { server?: PageServer; browser?: Browser } = {};
    let cookies: readonly Cookie[] | undefined;
    beforeAll(async () => {
      running.server = await startServer(options);
      running.browser = await startChromium();
    });
    const signInAt = async (path: string, pageOptions?: PageOptions) => {
      const watched = await running.browser!.open(pageOptions);
      await signIn(watched, running.server!, path);
      return watched;
    };
    afterAll(async () => {
      await running.browser?.close();
      await running.server?.close();
    });
    tests({
      get server() {
        return running.server!;
      },
      get browser() {
        return running.browser!;
      },
      signIn: signInAt,
      openSignedIn: async (path, pageOptions) => {
        if (cookies === undefined) {
          const watched = await signInAt(path, pageOptions);
          cookies = await watched.page.context().cookies();
          return watched;
        }
        const watched = await running.browser!.open(pageOptions);
        await watched.page.context().addCookies([...cookies]);
        await watched.page.goto(running.server!.url + path);
        await watched.page.getByRole('button', { name: 'Signed in as' }).waitFor();
        return watched;
      },
    });
  });
}

async function signIn(watched: WatchedPage, server: PageServer, path: string): Promise<void> {
  const { page } = watched;
  await page.goto(server.url + path);
  await page.getByLabel('User').fill(admin.user);
  await page.getByLabel('Password', { exact: true }).fill(admin.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Signed in as' }).waitFor();
}

/** Nothing ran that came as text, no policy was violated, the console is clean. */
export async function expectNoComplaints(watched: WatchedPage): Promise<void> {
  // One more frame and turn of the page's loop: violations are reported as tasks.
  await watched.page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))');
  expect(watched.complaints).toEqual([]);
}
