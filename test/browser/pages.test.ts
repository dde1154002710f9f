import { describe, expect, it } from 'vitest';
import { brokenValue, hostileLabel, hostileName } from './exporter.ts';
import { describePage, expectNoComplaints } from './fixture.ts';
import { payloads } from './payloads.ts';

describePage('the pages', {}, (fixture) => {
  it('lists the targets with health, error and discovered labels, and filters them', async () => {
    const watched = await fixture.openSignedIn('targets');
    const { page } = watched;
    const rows = page.getByRole('listitem');
    await rows.filter({ hasText: 'job="exporter"' }).getByText('up', { exact: true }).waitFor();
    const down = rows.filter({ hasText: 'job="down"' });
    await down.getByText(/refused/i).waitFor();
    await down.getByRole('button', { name: 'Discovered labels' }).click();
    await down.getByText('__scheme__="http"').waitFor();
    await page.getByText('1 dropped by relabelling').waitFor();

    await page.getByLabel('Filter by address, label or error').fill('refused');
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByLabel('Filter by address, label or error').fill('');
    await page.getByText('Up', { exact: true }).click();
    await expect.poll(() => rows.count()).toBe(2);
    await page.getByRole('button', { name: 'Fold all', exact: true }).click();
    await expect.poll(() => rows.count()).toBe(0);
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('lists the rules with their health, and leads from an expression to its query', async () => {
    const watched = await fixture.openSignedIn('rules');
    const { page } = watched;
    const rules = page.getByRole('listitem');
    await rules.filter({ hasText: 'fails:always' }).getByText('found duplicate series').waitFor();
    await rules.filter({ hasText: 'TargetDown' }).getByText('firing').waitFor();
    await page.getByLabel('Failing only').check();
    await expect.poll(() => rules.count()).toBe(1);
    await page.getByLabel('Failing only').uncheck();
    await page.getByRole('link', { name: 'count by (job) (up)' }).click();
    await expect.poll(() => page.locator('.cm-content').innerText()).toBe('count by (job) (up)');
    await page.locator('.uplot canvas').waitFor();
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('lists firing alerts first, with labels, value and age', async () => {
    const watched = await fixture.openSignedIn('alerts');
    const { page } = watched;
    const instance = page.getByRole('listitem').first();
    await instance.getByText('alertname="TargetDown"').waitFor();
    expect(await instance.innerText()).toMatch(/firing[\s\S]*active for [\d.]+ ?(s|m)[\s\S]*value 0/);
    const link = instance.getByRole('link', { name: 'https://runbooks.example/TargetDown?a=1' });
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    const names = page.getByRole('main').getByRole('button', { expanded: false });
    expect(await names.allInnerTexts()).toEqual([
      expect.stringContaining('AlmostThere'),
      expect.stringContaining('Quiet'),
    ]);
    await page.getByRole('button', { name: 'inactive' }).first().click();
    await expect.poll(() => names.count()).toBe(1);
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('shows the status: runtime, build, storage, configuration, flags', async () => {
    const watched = await fixture.openSignedIn('status');
    const { page } = watched;
    const build = (await fixture.server.ask('api/v1/status/buildinfo')) as { version: string; revision: string };
    await page.getByRole('row', { name: /Start time/ }).waitFor();
    await page.getByRole('cell', { name: `Prometheus ${build.version}`, exact: true }).waitFor();
    const rows = await page.getByRole('row').allInnerTexts();
    expect(rows[0]).toMatch(/^Yagura\s+\d+\.\d+\.\d+/);
    expect(`yagura-${rows[0]!.split(/\s+/)[1]}`).toBe(build.revision);
    expect(rows.filter((row) => /^(Go|GO)/.test(row) || row.endsWith('–'))).toEqual([]);
    await page.getByRole('tab', { name: 'Storage' }).click();
    await page.getByRole('row', { name: /^many 3.000/ }).waitFor();
    await page.getByRole('tab', { name: 'Configuration' }).click();
    const { yaml } = (await fixture.server.ask('api/v1/status/config')) as { yaml: string };
    await expect.poll(() => page.locator('pre').textContent()).toBe(yaml);
    await page.getByRole('tab', { name: 'Flags' }).click();
    await page.getByLabel('Filter the flags').fill('config.file');
    await page.getByRole('rowheader', { name: '--config.file', exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe('?section=flags');
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('moves between pages by its links without loading the document again', async () => {
    const watched = await fixture.openSignedIn('query');
    const { page } = watched;
    await page.evaluate('window.__same = true');
    for (const title of ['Alerts', 'Rules', 'Targets', 'Status']) {
      await page.getByRole('link', { name: title, exact: true }).click();
      await page.getByRole('heading', { name: title, level: 1 }).waitFor();
      await expect.poll(() => page.title()).toBe(`${title} – Yagura`);
    }
    await page.goBack();
    await page.getByRole('heading', { name: 'Targets', level: 1 }).waitFor();
    expect(await page.evaluate('window.__same')).toBe(true);
    await page.goto(`${fixture.server.url}status`);
    await watched.close();
  });

  it('keeps the scheme that the reader chose', async () => {
    const watched = await fixture.openSignedIn('status', { colorScheme: 'dark' });
    const { page } = watched;
    const scheme = () => page.locator('html').getAttribute('data-mantine-color-scheme');
    expect(await scheme()).toBe('dark');
    await page.getByRole('button', { name: 'Use the light scheme' }).click();
    expect(await scheme()).toBe('light');
    await page.reload();
    await page.getByRole('button', { name: 'Use the dark scheme' }).waitFor();
    expect(await scheme()).toBe('light');
    await expectNoComplaints(watched);
    await watched.close();
  });

  // Each address with what shows that the page has everything it shows.
  it.each([
    ['signin', 'button >> text=Sign in'],
    ['query?g0.expr=hostile', 'text=hostile{'],
    ['query?g0.expr=wave&g0.tab=graph', '.uplot canvas'],
    ['targets', 'text=job="down"'],
    ['rules', 'text=TargetDown'],
    ['alerts', 'text=alertname="TargetDown"'],
    ['status', 'text=Start time'],
    ['status?section=storage', 'text=Label pairs'],
    ['status?section=config', 'pre'],
    ['status?section=flags', 'text=--config.file'],
  ])('fits a narrow screen, and names every control for those who cannot see it: %s', async (path, evidence) => {
    const watched = await fixture.openSignedIn('status', { width: 380, height: 800 });
    const { page } = watched;
    await page.goto(fixture.server.url + path);
    await page.locator(evidence).first().waitFor();
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBe(0);
    const nameless = await page.evaluate(`
      [...document.querySelectorAll('button, a, input:not([aria-hidden]), select, textarea, [role=textbox], [role=tab], [role=img]')]
        .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length || e.closest('[aria-hidden=true]')))
        .map((e) => e.outerHTML)
    `);
    expect(nameless).toEqual([]);
    await expectNoComplaints(watched);
    await watched.close();
  });

  describe('texts from outside', () => {
    it('would be noticed if they were anything else', async () => {
      const watched = await fixture.openSignedIn('status');
      await watched.page.evaluate(`document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(payloads[1])})`);
      await expect.poll(() => watched.complaints.join()).toContain('CSP: script-src-attr');
      await watched.page.evaluate('__pwned()');
      await expect.poll(() => watched.complaints.join()).toContain('ran as a script');
      await watched.close();
    });

    // Elements that only a payload would bring.
    const intruders =
      'iframe, math, mglyph, img, script:not([src]), [onload], [onerror], [onmouseover], a[href^="javascript" i], a[href^="data" i]';

    it.each([
      ['query?g0.expr=hostile', 'hostile{'],
      ['query?g0.expr=hostile&g0.tab=graph&g0.range_input=1m', 'hostile{'],
      ['query?g0.expr=hostile%5B5s%5D', 'hostile{'],
      ['targets', 'svg onload'],
      ['rules', '__pwned()'],
      ['alerts', '__pwned()'],
      ['status?section=storage', '__pwned'],
      ['status?section=config', '__pwned'],
    ])('stay texts on %s', async (path, evidence) => {
      const watched = await fixture.openSignedIn(path);
      const { page } = watched;
      await page.getByText(evidence).first().waitFor();
      expect(await page.locator(intruders).count()).toBe(0);
      await expectNoComplaints(watched);
      await watched.close();
    });

    it('stay texts in the expression and in the messages about it', async () => {
      const expr = payloads.map((text) => `# ${text}`).join('\n');
      const watched = await fixture.openSignedIn(`query?g0.expr=${encodeURIComponent(expr)}`);
      const { page } = watched;
      await page.getByText('parse error').waitFor();
      await page.locator('.cm-content').waitFor();
      expect(await page.locator(intruders).count()).toBe(0);
      await expectNoComplaints(watched);
      await watched.close();
    });

    it('are shown as they are', async () => {
      const watched = await fixture.openSignedIn('query?g0.expr=sort(hostile)');
      const rows = watched.page.getByRole('rowgroup').getByRole('row');
      await rows.first().waitFor();
      const shown = await rows.getByRole('cell').allTextContents();
      payloads.forEach((text, i) => {
        const quoted = text.replace(/[\\"]/g, '\\$&');
        expect(shown[2 * i]).toContain(`text="${quoted}"`);
        expect(shown[2 * i + 1]).toBe(String(i));
      });
      await watched.close();
    });

    it('stay texts in what a target is told to have done wrong', async () => {
      const watched = await fixture.openSignedIn('targets');
      const { page } = watched;
      const broken = page.getByRole('listitem').filter({ hasText: 'job="broken"' });
      await broken.getByText(brokenValue).waitFor();
      await broken.getByRole('button', { name: 'Discovered labels' }).click();
      await broken.getByText('__metrics_path__').waitFor();
      expect(await page.locator(intruders).count()).toBe(0);
      await expectNoComplaints(watched);
      await watched.close();
    });

    it('stay texts in the metrics explorer: names, help, labels, values', async () => {
      const watched = await fixture.openSignedIn('query');
      const { page } = watched;
      await page.locator('.cm-content').waitFor();
      await page.getByRole('button', { name: 'Metrics explorer' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Search names and help texts').fill('onerror');
      await dialog.getByRole('button', { name: `${hostileName} gauge` }).click();
      await dialog.getByRole('button', { name: hostileLabel }).click();
      await dialog.getByRole('button', { name: '"<script>' }).click();
      await dialog.waitFor({ state: 'detached' });
      await page.keyboard.press('Enter');
      await page.getByRole('cell', { name: hostileName }).waitFor();
      expect(await page.locator(intruders).count()).toBe(0);
      await expectNoComplaints(watched);
      await watched.close();
    });

    it('stay texts in the tooltip of a graph and in completions', async () => {
      const watched = await fixture.openSignedIn('query?g0.expr=hostile&g0.tab=graph&g0.range_input=1m');
      const { page } = watched;
      const over = page.locator('.u-over');
      await over.waitFor();
      const box = (await over.boundingBox())!;
      let seen = '';
      for (let y = box.y; y < box.y + box.height; y += 8) {
        await page.mouse.move(box.x + box.width - 3, y);
        seen += await over.innerText();
      }
      expect(seen).toContain('__pwned()');
      await page.locator('.cm-content').click();
      await page.keyboard.press('End');
      await page.keyboard.type('{text="');
      await page.locator('.cm-tooltip-autocomplete li', { hasText: '__pwned' }).first().waitFor();
      expect(await page.locator(intruders).count()).toBe(0);
      await expectNoComplaints(watched);
      await watched.close();
    });
  });
});
