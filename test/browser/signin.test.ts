import { expect, it } from 'vitest';
import { admin } from './backend.ts';
import { describePage, expectNoComplaints } from './fixture.ts';

describePage('signing in below a route prefix', { prefix: '/watch/tower/' }, (fixture) => {
  const pathOf = (url: string) => new URL(url).pathname + new URL(url).search;

  it('asks for a password first, refuses a wrong one, and goes on to where the reader wanted', async () => {
    const { server, browser } = fixture;
    const watched = await browser.open();
    const { page } = watched;
    await page.goto(`${server.url}targets`);
    await page.getByLabel('User').fill(admin.user);
    expect(pathOf(page.url())).toBe('/watch/tower/signin?next=%2Fwatch%2Ftower%2Ftargets');

    await page.getByLabel('Password', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('wrong name, password or token').waitFor();

    await page.getByLabel('Password', { exact: true }).fill(admin.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Targets' }).waitFor();
    expect(pathOf(page.url())).toBe('/watch/tower/targets');
    await page.getByRole('button', { name: `Signed in as ${admin.user}` }).waitFor();
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('signs out, and then shows nothing without signing in again', async () => {
    const watched = await fixture.signIn('targets');
    const { page } = watched;
    await page.getByRole('button', { name: 'Signed in as' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByLabel('User').waitFor();
    await page.goBack();
    await page.getByLabel('User').waitFor();
    expect(pathOf(page.url())).toContain('/watch/tower/signin');
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('takes a one-time link once, and takes the token out of the address', async () => {
    const { server, browser } = fixture;
    const { link } = await server.firstStart();
    const token = new URL(link).hash.slice(1);
    expect(token).not.toBe('');
    const first = await browser.open();
    await first.page.goto(link);
    await first.page.getByRole('button', { name: 'Signed in as' }).waitFor();
    expect(first.page.url()).not.toContain(token);
    await first.page.goBack().catch(() => null);
    expect(first.page.url()).not.toContain(token);
    await expectNoComplaints(first);
    await first.close();

    const second = await browser.open();
    await second.page.goto(link);
    await second.page.getByRole('alert').getByText('A sign-in link works once').waitFor();
    expect(second.page.url()).not.toContain(token);
    await second.page.getByLabel('User').waitFor();
    await second.close();
  });

  it('signs in with the token that a first start prints', async () => {
    const { server, browser } = fixture;
    const { url, token } = await server.firstStart();
    const watched = await browser.open();
    const { page } = watched;
    await page.goto(`${url}alerts`);
    await page.getByRole('button', { name: 'Use a token instead' }).click();
    await page.getByLabel('Token', { exact: true }).fill('ygr_wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('wrong name, password or token').waitFor();
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Signed in as admin' }).waitFor();
    await expectNoComplaints(watched);
    await watched.close();
  });

  it('does not spend a one-time link by fetching its page, in either form', async () => {
    const { server, browser } = fixture;
    const link = (await server.firstStart()).link.replace('signin#', 'signin?token=');
    const response = await fetch(link);
    expect(response.status).toBe(200);
    await response.text();
    const { page, close } = await browser.open();
    await page.goto(link);
    await page.getByRole('button', { name: 'Signed in as' }).waitFor();
    expect(page.url()).not.toContain('token');
    await close();
  });

  it.each(['https://evil.example/', '//evil.example/', '/\\evil.example', 'javascript:__pwned()', '/elsewhere'])(
    'stays here when next is %j',
    async (next) => {
      const watched = await fixture.signIn(`signin?next=${encodeURIComponent(next)}`);
      expect(pathOf(watched.page.url())).toBe('/watch/tower/query');
      await expectNoComplaints(watched);
      await watched.close();
    },
  );

  it('goes to sign-in when the session ends while a page is open', async () => {
    const watched = await fixture.openSignedIn('rules');
    const { page } = watched;
    await page.getByText('TargetDown', { exact: true }).waitFor();
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await page.getByLabel('User').waitFor();
    expect(pathOf(page.url())).toBe('/watch/tower/signin?next=%2Fwatch%2Ftower%2Frules');
    await watched.close();
  });
});
