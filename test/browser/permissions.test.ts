import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passwordHash, startApi, type ApiServer } from '../api-server.ts';
import { root } from '../yagura.ts';
import { type Browser, chromiumProgram, startChromium } from './chromium.ts';
import { whyNoBackend } from './yagura-backend.ts';

const isReady = chromiumProgram !== undefined && whyNoBackend === undefined;

describe.skipIf(!isReady)('a reader whose role allows little', () => {
  const running: { api?: ApiServer; browser?: Browser } = {};
  beforeAll(async () => {
    running.api = await startApi({
      page: path.join(root, 'dist', 'ui'),
      access: {
        anonymous: ['health'],
        basicUsers: { reader: passwordHash('battery staple') },
        tokens: [],
        roles: { reader: ['query', 'metrics.read'] },
        bindings: [{ user: 'reader', role: 'reader' }],
        limits: {},
      },
    });
    await running.api.server.listen();
    running.browser = await startChromium();
  });
  afterAll(async () => {
    await running.browser?.close();
    await running.api?.close();
  });

  it('gets links to what they may see, and the name of the permission that the rest needs', async () => {
    const { page, complaints, close } = await running.browser!.open();
    const url = `http://127.0.0.1:${running.api!.server.addresses[0]!.port}/`;
    await page.goto(`${url}signin`);
    await page.getByLabel('User').fill('reader');
    await page.getByLabel('Password', { exact: true }).fill('battery staple');
    await page.keyboard.press('Enter');
    const navigation = page.getByRole('navigation', { name: 'Pages' });
    await navigation.waitFor();
    expect(await navigation.getByRole('link').allInnerTexts()).toEqual(['Query', 'Status']);

    await page.goto(`${url}targets`);
    await page.getByText('Not permitted').waitFor();
    await page.locator('code', { hasText: 'targets.read' }).waitFor();
    await page.goto(`${url}status?section=config`);
    await page.locator('code', { hasText: 'config.read' }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });
});
