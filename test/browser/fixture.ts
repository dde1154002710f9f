import { afterAll, beforeAll, describe, expect } from 'vitest';
import { admin } from './backend.ts';
import { type Browser, chromiumProgram, type PageOptions, startChromium, type WatchedPage } from './chromium.ts';
import { type PageServer, startServer, whyNoServer } from './server.ts';

/** What a test of the page works with. */
export interface Fixture {
  readonly server: PageServer;
  readonly browser: Browser;
  /** A page in which `admin` is signed in, at an address below the server's. */
  openSignedIn(path: string, options?: PageOptions): Promise<WatchedPage>;
}

/**
 * Tests against one server and one browser, started for them. They count as skipped where either is missing, and say
 * why.
 */
export function describePage(title: string, options: { prefix?: string }, tests: (fixture: Fixture) => void): void {
  const reason = chromiumProgram === undefined ? 'Chromium is not installed' : whyNoServer();
  describe.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (skipped: ${reason})`, () => {
    const running: { server?: PageServer; browser?: Browser } = {};
    beforeAll(async () => {
      running.server = await startServer(options);
      running.browser = await startChromium();
    });
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
      openSignedIn: async (path, pageOptions) => {
        const watched = await running.browser!.open(pageOptions);
        await signIn(watched, running.server!, path);
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
  // One more turn of the page's loop: violations are reported as tasks.
  await watched.page.waitForTimeout(50);
  expect(watched.complaints).toEqual([]);
}
