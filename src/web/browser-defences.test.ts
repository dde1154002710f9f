import { describe, expect, it } from 'vitest';
import { KnownHosts } from './hosts.ts';
import { Origins, originFacts, parseOrigin } from './origins.ts';

describe('known hosts', () => {
  const hosts = new KnownHosts(['mon.example', '0.0.0.0', '']);

  it.each([
    'localhost',
    'localhost:9090',
    'LOCALHOST:9090',
    'mon.example',
    'Mon.Example:443',
    'mon.example.',
    '127.0.0.1:9090',
    '[::1]:9090',
    '192.168.1.7',
    undefined,
    '',
  ])('accept %s', (host) => {
    expect(hosts.accepts(host)).toBe(true);
  });

  it.each([
    'evil.example',
    'mon.example.evil.example',
    'evilmon.example',
    'localhost.evil',
    '127.0.0.1.nip.io',
    'mon.example:80:80',
    'mon.example@evil',
    'user@mon.example',
    'mon.example/x',
    'mon.example evil',
    '[::1',
    '[mon.example]',
    '0x7f.1',
    'localhost:notaport',
  ])('refuse %s', (host) => {
    expect(hosts.accepts(host)).toBe(false);
  });
});

describe('origins', () => {
  const origins = new Origins(
    ['https://grafana.example', 'http://other.example:3000'],
    new URL('https://mon.example/prefix'),
  );
  const facts = (headers: Readonly<Record<string, string | undefined>>, host = 'mon.example', isSecure = true) =>
    originFacts(headers, host, isSecure);

  it.each(['https://grafana.example', 'http://other.example:3000'])('listed %s may read', (origin) => {
    expect(origins.allowed(facts({ origin }))).toBe(origin);
  });

  it.each([
    'null',
    '',
    '*',
    'https://grafana.example.evil.com',
    'https://evilgrafana.example',
    'https://grafana.example:443',
    'https://grafana.example:8443',
    'http://grafana.example',
    'https://GRAFANA.example',
    'https://grafana.example/',
    'https://grafana.example, https://evil.example',
    'https://xn--grafana-.example',
    'https://grafana.example%00.evil',
    'https://sub.grafana.example',
    'https://grafana',
    'grafana.example',
    '//grafana.example',
    'https:grafana.example',
    'https://grafana.example@evil.example',
    'https://evil.example#https://grafana.example',
    'http://other.example',
    'http://other.example:30000',
    'http://other.example:3000.evil',
    'file://',
    'data:text/html',
    'javascript:alert(1)',
    'chrome-extension://abc',
    'https://mon.example',
    'https://grafana.example ',
    ' https://grafana.example',
  ])('unlisted %j may not', (origin) => {
    expect(origins.allowed(facts({ origin }))).toBeUndefined();
  });

  it('know their own page by what only a browser says', () => {
    expect(origins.isOwnPage(facts({ 'sec-fetch-site': 'same-origin' }))).toBe(true);
    expect(origins.isOwnPage(facts({ origin: 'https://mon.example' }))).toBe(true);
    expect(origins.isOwnPage(facts({ origin: 'http://10.0.0.1:9090' }, '10.0.0.1:9090', false))).toBe(true);
    expect(origins.isOwnPage(facts({}))).toBe(false);
    expect(origins.isOwnPage(facts({ origin: 'http://mon.example' }))).toBe(false);
    expect(origins.isOwnPage(facts({ origin: 'http://10.0.0.1:9091' }, '10.0.0.1:9090', false))).toBe(false);
    expect(origins.isOwnPage(facts({ 'sec-fetch-site': 'same-site', origin: 'https://mon.example' }))).toBe(false);
    expect(origins.isOwnPage(facts({ origin: 'null' }))).toBe(false);
  });

  it('know a foreign page', () => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'https://www.mon.example' },
      { 'sec-fetch-site': 'none', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'anything' },
    ]) {
      expect([headers, origins.isForeignPage(facts(headers))]).toEqual([headers, true]);
    }
    for (const headers of [
      {},
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'same-origin' },
      { origin: 'https://mon.example' },
    ]) {
      expect([headers, origins.isForeignPage(facts(headers))]).toEqual([headers, false]);
    }
  });

  it.each([
    '*',
    'https://*.example',
    '.*',
    'null',
    'example.com',
    'https://a.example/path',
    'ftp://a.example',
    'https://user@a.example',
    '',
  ])('configured as %j are refused', (origin) => {
    expect(() => parseOrigin(origin)).toThrow(/is not (exactly )?an origin/);
  });

  it.each([
    ['https://a.example', 'https://a.example'],
    ['https://a.example/', 'https://a.example'],
    ['HTTPS://A.example', 'https://a.example'],
    ['http://a.example:3000', 'http://a.example:3000'],
  ])('configured as %j are %s', (text, origin) => {
    expect(parseOrigin(text)).toBe(origin);
  });
});
