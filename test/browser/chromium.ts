import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const candidates = [
  process.env.YAGURA_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The browser's program; `undefined` where there is none. */
export const chromiumProgram = candidates.find((file): file is string => file !== undefined && existsSync(file));

/** A browser with an empty profile of its own. */
export interface Browser {
  /** A page with nothing kept from others: no cookies, no storage. */
  open(options?: PageOptions): Promise<WatchedPage>;
  close(): Promise<void>;
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

/** A page together with everything in it that must not happen. */
export interface WatchedPage {
  readonly page: Page;
  /** Console errors, uncaught exceptions and violations of the Content-Security-Policy so far. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Starts Chromium, headless and silent on the network. */
export async function startChromium(): Promise<Browser> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'yagura-chromium-'));
  const browser = await chromium.launch({
    executablePath: chromiumProgram,
    env: { ...process.env, HOME: dir },
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return {
    open: async (options = {}) => {
      const context = await browser.newContext({
        viewport: { width: options.width ?? 1400, height: options.height ?? 900 },
        colorScheme: options.colorScheme ?? 'light',
        timezoneId: 'Asia/Tokyo',
      });
      return watch(context);
    },
    close: async () => {
      await browser.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function watch(context: BrowserContext): Promise<WatchedPage> {
  const complaints: string[] = [];
  const page = await context.newPage();
  await page.exposeFunction('__complain', (text: string) => {
    complaints.push(text);
  });
  await page.exposeFunction('__pwned', () => {
    complaints.push('A text from the server ran as a script');
  });
  await page.addInitScript(`
    document.addEventListener('securitypolicyviolation', (event) => {
      __complain('CSP: ' + event.violatedDirective + ' blocked ' + event.blockedURI + ' ' + event.sample + ' in ' + event.sourceFile);
    });
  `);
  page.on('console', (message) => {
    // A refused request is the server's answer, which the page shows; the browser logs it all the same.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource: the server responded')) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  return { page, complaints, close: () => context.close() };
}
