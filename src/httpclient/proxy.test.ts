import { describe, expect, it } from 'vitest';
import { mustDecodeYaml } from '../schema/index.ts';
import { httpClientConfigSchema } from './config.ts';
import { proxyFinder } from './proxy.ts';

function find(yaml: string, url: string, env: Record<string, string> = {}): string | undefined {
  const { proxy } = mustDecodeYaml(httpClientConfigSchema, yaml, 'f');
  return proxyFinder(proxy, env)?.(new URL(url))?.href;
}

describe('the choice of proxy', () => {
  it('sends everything to a proxy URL', () => {
    expect(find('proxy_url: http://p:3128', 'http://a.example/')).toBe('http://p:3128/');
    expect(find('proxy_url: http://p:3128', 'http://localhost/')).toBe('http://p:3128/');
    expect(find('{}', 'http://a.example/')).toBeUndefined();
  });

  it.each([
    ['a.example', 'http://a.example/', true],
    ['a.example', 'http://sub.a.example/', true],
    ['a.example', 'http://ba.example/', false],
    ['.a.example', 'http://a.example/', false],
    ['.a.example', 'http://sub.a.example/', true],
    ['*.a.example', 'http://sub.a.example/', true],
    ['*.a.example', 'http://a.example/', false],
    ['a.example:8080', 'http://a.example/', false],
    ['a.example:8080', 'http://a.example:8080/', true],
    ['a.example:443', 'https://a.example/', true],
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.1.2.3', 'http://10.1.2.3:9100/', true],
    ['10.1.2.3:80', 'http://10.1.2.3:9100/', false],
    ['fd00::/8', 'http://[fd00::1]/', true],
    ['[fd00::1]:80', 'http://[fd00::1]/', true],
    ['*', 'http://anything.example/', true],
    [' x , a.example ', 'http://a.example/', true],
    ['x', 'http://localhost/', true],
    ['x', 'http://127.0.0.5/', true],
    ['x', 'http://[::1]/', true],
    ['x', 'http://a.example/', false],
  ])('with no_proxy %j reaches %s directly: %s', (list, url, isDirect) => {
    const proxy = find(`{proxy_url: http://p:3128, no_proxy: "${list}"}`, url);
    expect(proxy === undefined).toBe(isDirect);
  });

  it('reads the environment by scheme', () => {
    const env = { HTTP_PROXY: 'p1:80', https_proxy: 'http://p2:81', NO_PROXY: 'b.example' };
    const yaml = 'proxy_from_environment: true';
    expect(find(yaml, 'http://a.example/', env)).toBe('http://p1/');
    expect(find(yaml, 'https://a.example/', env)).toBe('http://p2:81/');
    expect(find(yaml, 'https://b.example/', env)).toBeUndefined();
    expect(find(yaml, 'https://b.example/', {})).toBeUndefined();
  });
});
