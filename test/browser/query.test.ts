import { type Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { manySeries } from './exporter.ts';
import { describePage, expectNoComplaints } from './fixture.ts';

/** Replaces the expression of the first panel by typing. */
async function type(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').first().click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Delete');
  await page.keyboard.type(text);
  await page.keyboard.press('Escape');
}

/** The share of a canvas that something was drawn on, of 0 to 1. */
async function inkOf(page: Page): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('.uplot canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let inked = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i] !== 0) inked++;
    return inked / (data.length / 4);
  })()`);
}

describePage('the query page', {}, (fixture) => {
  it('shows the value that the API gives', async () => {
    const watched = await fixture.openSignedIn('query');
    const { page } = watched;
    await type(page, 'answer');
    await page.keyboard.press('Enter');
    const cells = page.getByRole('row').nth(1).getByRole('cell');
    await cells.first().waitFor();
    const data = (await fixture.server.ask('api/v1/query?query=answer')) as {
      result: { metric: Record<string, string>; value: [number, string] }[];
    };
    const { metric, value } = data.result[0]!;
    expect(await cells.nth(1).innerText()).toBe(value[1]);
    expect(value[1]).toBe('42.125');
    expect(await cells.nth(0).innerText()).toBe(`answer{instance="${metric.instance}", job="exporter", unit="none"}`);
    expect(new URL(page.url()).search).toBe('?g0.expr=answer&g0.tab=table&g0.range_input=1h');
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('completes metric names with their help, and functions', async () => {
    const watched = await fixture.openSignedIn('query');
    const { page } = watched;
    await page.locator('.cm-content').click();
    await page.keyboard.type('sum(rate(work_t');
    const options = page.locator('.cm-tooltip-autocomplete li');
    await options.filter({ hasText: 'work_total' }).waitFor();
    await page.locator('.cm-completionInfo').getByText('Work done.').waitFor();
    // The editor takes no completion that has only just appeared: the key was meant for what stood there before.
    await page.waitForTimeout(200);
    await page.keyboard.press('Enter');
    await page.keyboard.type('[10s]');
    expect(await page.locator('.cm-content').innerText()).toBe('sum(rate(work_total[10s]))');
    await page.keyboard.press('End');
    await page.keyboard.type(' + histogram_q');
    await options.filter({ hasText: 'histogram_quantile' }).first().waitFor();
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('marks what cannot be parsed while typing, and leads to the place the server complains about', async () => {
    const watched = await fixture.openSignedIn('query');
    const { page } = watched;
    await type(page, 'sum(nosuch(answer))');
    await page.locator('.cm-lintRange-error').first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('unknown function with name "nosuch"').waitFor();
    await page.getByRole('button', { name: 'Go to line 1, column 5' }).click();
    await page.keyboard.type('!');
    expect(await page.locator('.cm-content').innerText()).toBe('sum(!nosuch(answer))');
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('shows remarks beside the result', async () => {
    const watched = await fixture.openSignedIn('query?g0.expr=rate(answer%5B1m%5D)');
    await watched.page.getByRole('status').getByText('metric might not be a counter').waitFor();
    await watched.page.getByRole('button', { name: 'Go to line 1, column 6' }).waitFor();
    await watched.close();
  });

  it('draws a graph with tooltip, and zooms into what is dragged over', async () => {
    const watched = await fixture.openSignedIn('graph?g0.expr=wave&g0.tab=0&g0.range_input=1m');
    const { page } = watched;
    const over = page.locator('.u-over');
    await over.waitFor();
    await expect.poll(() => inkOf(page)).toBeGreaterThan(0.005);

    const box = (await over.boundingBox())!;
    const middle = box.y + box.height / 2;
    // Somewhere along the right end a line is near.
    for (let y = box.y + 5; y < box.y + box.height; y += 20) {
      await page.mouse.move(box.x + box.width - 5, y);
      if ((await over.innerText()).includes('wave{')) break;
    }
    expect(await over.innerText()).toMatch(/\d{4}-\d\d-\d\d .*\n[\d.]+\nwave\{instance=.*n="[123]"\}/s);

    await page.mouse.move(box.x + box.width / 2, middle);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 2, middle, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => new URL(page.url()).searchParams.get('g0.range_input')).toMatch(/^(29|30|31)s$/);
    expect(new URL(page.url()).searchParams.get('g0.end_input')).not.toBeNull();
    await page.goBack();
    await expect.poll(() => page.getByLabel('Range', { exact: true }).inputValue()).toBe('1m');
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('shows one series alone by its legend, and all again', async () => {
    const watched = await fixture.openSignedIn('query?g0.expr=wave&g0.tab=graph&g0.range_input=1m');
    const { page } = watched;
    const legend = page.getByRole('list', { name: 'Legend' }).getByRole('button');
    await legend.first().waitFor();
    const pressed = async () => {
      const states = await Promise.all((await legend.all()).map((b) => b.getAttribute('aria-pressed')));
      return states.join(' ');
    };
    expect(await pressed()).toBe('true true true');
    await legend.nth(1).click();
    expect(await pressed()).toBe('false true false');
    await legend.nth(0).click({ modifiers: ['Control'] });
    expect(await pressed()).toBe('true true false');
    await legend.nth(1).click();
    await legend.nth(1).click();
    expect(await pressed()).toBe('true true true');

    await page.getByText('Stacked').click();
    await expect.poll(() => new URL(page.url()).searchParams.get('g0.display_mode')).toBe('stacked');
    await expect.poll(() => inkOf(page)).toBeGreaterThan(0.02);
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('reaches every one of many series while drawing few', async () => {
    const watched = await fixture.openSignedIn('query?g0.expr=sort(many)');
    const { page } = watched;
    await page.getByRole('columnheader', { name: `Series (3\u2009000)` }).waitFor();
    expect(manySeries).toBe(3000);
    const rows = page.getByRole('rowgroup').getByRole('row');
    await page.getByText('n="0"').waitFor();
    expect(await rows.count()).toBeLessThan(120);
    await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
    await page.getByText(`n="${manySeries - 1}"`).waitFor();
    expect(await rows.count()).toBeLessThan(120);
    await page.getByRole('button', { name: 'Value' }).click();
    await page.evaluate('window.scrollTo(0, 0)');
    await expect.poll(() => rows.first().innerText()).toContain(`n="${manySeries - 1}"`);
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('draws a graph of very many series', async () => {
    const watched = await fixture.openSignedIn('query?g0.expr=many&g0.tab=graph&g0.range_input=1m');
    const { page } = watched;
    await expect.poll(() => page.locator('.uplot canvas').count(), { timeout: 20_000 }).toBe(1);
    await page.getByText('results truncated due to limit').waitFor();
    expect(await page.getByRole('list', { name: 'Legend' }).getByRole('button').count()).toBeLessThan(120);
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('lines up several panels, and keeps them in the address', async () => {
    const watched = await fixture.openSignedIn('query?g0.expr=answer&g0.tab=table&g1.expr=vector(7)&g1.tab=1');
    const { page } = watched;
    await page.getByText('42.125').waitFor();
    await page.getByRole('cell', { name: '7', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Add a panel' }).click();
    await page.waitForFunction("document.querySelectorAll('.cm-content').length === 3");
    await page.keyboard.type('scalar(answer) * 2');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await page.getByText('84.25').waitFor();
    expect(new URL(page.url()).searchParams.get('g2.expr')).toBe('scalar(answer) * 2');
    await page.getByRole('button', { name: 'Remove this panel' }).first().click();
    await page.getByText('42.125').waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('g0.expr')).toBe('vector(7)');
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('evaluates at the moment that is typed, in UTC', async () => {
    const watched = await fixture.openSignedIn('query?g0.expr=time()');
    const { page } = watched;
    await page.getByText('scalar').waitFor();
    await page.getByLabel('Evaluation time', { exact: true }).fill('2026-03-01 12:00:00');
    await page.keyboard.press('Enter');
    await page.getByText(String(Date.UTC(2026, 2, 1, 12) / 1000), { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('g0.moment_input')).toBe('2026-03-01 12:00:00');
    await page.getByRole('button', { name: 'Show times in Asia/Tokyo' }).click();
    expect(await page.getByLabel('Evaluation time', { exact: true }).inputValue()).toBe('2026-03-01 21:00:00');
    await watched.close();
  });

  it('formats the query and remembers what ran', async () => {
    const watched = await fixture.openSignedIn('query');
    const { page } = watched;
    await type(page, 'sum   by(job)(rate(  work_total[10s]))');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Format the query' }).click();
    await expect.poll(() => page.locator('.cm-content').innerText()).toBe('sum by (job) (rate(work_total[10s]))');
    await type(page, 'answer');
    await page.keyboard.press('Enter');
    await page.getByText('42.125').waitFor();
    await page.getByRole('button', { name: 'Query history' }).click();
    const entries = page.getByRole('list', { name: 'Earlier queries' }).getByRole('button');
    expect(await entries.allInnerTexts()).toEqual(['answer', 'sum   by(job)(rate(  work_total[10s]))']);
    await entries.nth(1).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('g0.expr')).toContain('sum');
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('explores metrics, and inserts one with a label', async () => {
    const watched = await fixture.openSignedIn('query');
    const { page } = watched;
    await page.locator('.cm-content').waitFor();
    await page.getByRole('button', { name: 'Metrics explorer' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Search names and help texts').fill('beyond classic');
    await dialog.getByRole('button', { name: 'odd.name' }).click();
    await dialog.getByRole('button', { name: '"k8s.pod"' }).click();
    await dialog.getByRole('button', { name: '"a b"' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.locator('.cm-content').innerText()).toBe('{"odd.name", "k8s.pod"="a b"}');
    await page.keyboard.press('Enter');
    await page.getByRole('cell', { name: '{"odd.name"' }).waitFor();
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('sends queries that are too long for an address', async () => {
    const watched = await fixture.openSignedIn('query');
    const { page } = watched;
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/api/v1/query')) sent.push(`${request.method()} ${request.url().length}`);
    });
    await page.locator('.cm-content').click();
    await page.keyboard.insertText(Array.from({ length: 400 }, (_, i) => `vector(${i})`).join(' + '));
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await page.getByRole('cell', { name: String((399 * 400) / 2), exact: true }).waitFor();
    expect(sent.at(-1)).toMatch(/^POST \d{2}$/);
    await watched.close();
  });
});
