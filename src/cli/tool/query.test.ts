import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingTerminal } from '../../../test/recording-terminal.ts';
import { run } from '../index.ts';
import { printLines } from './query-output.ts';

let server: Server;
let url = '';
let dir = '';
let asked: { method: string; url: string; body: string; headers: IncomingMessage['headers'] };
let answer: unknown;
let status = 200;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'yagura-query-'));
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      asked = { method: request.method ?? '', url: request.url ?? '', body, headers: request.headers };
      response.statusCode = status;
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(dir, { recursive: true });
});

async function tool(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const terminal = recordingTerminal('', env);
  await run(['node', 'yagura', 'tool', ...args], terminal);
  return terminal;
}

const success = (data: unknown, more = {}) => ({ status: 'success', data, ...more });

describe('query', () => {
  it('instant asks at the time given and prints a vector as promtool does', async () => {
    answer = success(
      {
        resultType: 'vector',
        result: [
          { metric: { __name__: 'up', job: 'a "b"', instance: 'x' }, value: [1700000000.5, '1'] },
          { metric: { __name__: 'up' }, value: [1700000000, '+Inf'] },
          { metric: {}, value: [1700000000, '1e+30'] },
        ],
      },
      { warnings: ['careful'] },
    );
    const { output, errors, code } = await tool([
      'query',
      'instant',
      '--time',
      '2023-11-14T22:13:20.5Z',
      `${url}/p/`,
      'up',
    ]);
    expect(asked).toMatchObject({ method: 'POST', url: '/p/api/v1/query', body: 'query=up&time=1700000000.5' });
    expect(output).toBe(
      'up{instance="x", job="a \\"b\\""} => 1 @[1700000000.5]\nup => +Inf @[1700000000]\n{} => 1000000000000000000000000000000 @[1700000000]\n',
    );
    expect(errors).toBe('warning: careful\n');
    expect(code).toBe(0);
  });

  it('range chooses a step and prints a matrix', async () => {
    const metric = { __name__: 'a' };
    answer = success({
      resultType: 'matrix',
      result: [
        {
          metric,
          values: [
            [1, '2'],
            [3, 'NaN'],
          ],
        },
      ],
    });
    const { output } = await tool(['query', 'range', '--start=1000', '--end=2000', url, 'a']);
    expect(asked.body).toBe('query=a&start=1000&end=2000&step=4');
    expect(output).toBe('a =>\n2 @[1]\nNaN @[3]\n');
  });

  it('series and labels print one a line', async () => {
    answer = success([{ __name__: 'up', job: 'a' }, { b: 'c' }]);
    const series = await tool(['query', 'series', '--match=up', '--match={b="c"}', '--start=1', '--end=2', url]);
    expect(asked.body).toBe('start=1&end=2&match%5B%5D=up&match%5B%5D=%7Bb%3D%22c%22%7D');
    expect(series.output).toBe('{__name__="up", job="a"}\n{b="c"}\n');
    answer = success(['a', 'b']);
    expect((await tool(['query', 'labels', '--start=1', '--end=2', url, 'a/b'])).output).toBe('a\nb\n');
    expect(asked).toMatchObject({ method: 'GET', url: '/api/v1/label/a%2Fb/values?start=1&end=2' });
  });

  it('prints JSON when asked to', async () => {
    answer = success({ resultType: 'scalar', result: [1, '2'] });
    expect((await tool(['query', 'instant', '-o', 'json', url, '2'])).output).toBe('[1,"2"]\n');
    expect((await tool(['query', 'instant', url, '2'])).output).toBe('scalar: 2 @[1]\n');
  });

  it('sends a token from the environment or a file, headers, and the login in the address', async () => {
    answer = success({ resultType: 'string', result: [1, 'x'] });
    await tool(['query', 'instant', '--header', 'X-Scope=a=b', url, '"x"'], { YAGURA_TOKEN: 'ygr_env' });
    expect(asked.headers).toMatchObject({ authorization: 'Bearer ygr_env', 'x-scope': 'a=b' });
    const tokenFile = path.join(dir, 'token');
    writeFileSync(tokenFile, 'ygr_file\n');
    await tool(['query', 'instant', '--token-file', tokenFile, url, '"x"'], { YAGURA_TOKEN: 'ygr_env' });
    expect(asked.headers.authorization).toBe('Bearer ygr_file');
    await tool(['query', 'instant', url.replace('//', '//me:p%40ss@'), '"x"']);
    expect(asked.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    const configFile = path.join(dir, 'http.yml');
    writeFileSync(configFile, 'basic_auth: {username: you, password: secret}\n');
    await tool(['query', 'instant', '--http.config.file', configFile, url, '"x"'], { YAGURA_TOKEN: 'ygr_env' });
    expect(asked.headers.authorization).toBe(`Basic ${Buffer.from('you:secret').toString('base64')}`);
  });

  it('says what the server says is wrong', async () => {
    answer = { status: 'error', errorType: 'bad_data', error: 'parse error' };
    expect(await tool(['query', 'instant', url, '1+'])).toMatchObject({
      code: 1,
      errors: 'error: query error: bad_data: parse error\n',
      output: '',
    });
    answer = '<html>';
    expect((await tool(['query', 'instant', url, '1'])).errors).toContain(
      'answered with status 200 and no answer of the API',
    );
  });

  it.each([
    [['instant', 'ftp://x', '1'], 'is not an address such as http://localhost:9090'],
    [['instant', 'x'], "missing required argument 'expr'"],
    [['instant', '--time=soon', 'x', '1'], 'Expected a time such as'],
    [['range', '--start=2', '--end=1', 'x', '1'], 'start time is not before end time'],
    [['range', '--step=0', 'x', '1'], 'Expected a duration such as 30s'],
    [['series', 'x'], "required option '--match <selector>' not specified"],
    [['instant', '--header=x', 'x', '1'], 'Expected name=value'],
    [['instant', '--token-file=/nonexistent', 'x', '1'], '--token-file cannot be read'],
  ])('%j ends with a message and 2', async (args, message) => {
    expect(await tool(['query', ...args])).toMatchObject({
      code: 2,
      errors: expect.stringContaining(message) as string,
    });
  });

  it('a server that is not there is a failure without a stack', async () => {
    const { errors, code } = await tool(['query', 'instant', 'http://127.0.0.1:1', '1']);
    expect(errors).toMatch(/^error: .*127\.0\.0\.1:1.*\n$/);
    expect(code).toBe(1);
  });
});

it('histograms print as promtool prints them', () => {
  const histogram = {
    count: '3',
    sum: '1.5',
    buckets: [
      [3, '-0.1', '0.1', '1'],
      [0, '0.5', '1', '2'],
    ],
  };
  const data = { resultType: 'vector', result: [{ metric: { __name__: 'h' }, histogram: [7, histogram] }] };
  expect(printLines('value', data)).toBe('h => Count: 3.000000, Sum: 1.500000, Buckets: [[-0.1,0.1]:1 (0.5,1]:2] @[7]');
});

describe('check healthy and ready', () => {
  it('ask the pages of the server', async () => {
    answer = 'Prometheus Server is Ready.\n';
    expect(await tool(['check', 'ready', '--url', `${url}/p/`])).toMatchObject({
      code: 0,
      errors: '  SUCCESS:  Prometheus Server is Ready.\n',
    });
    expect(asked).toMatchObject({ method: 'GET', url: '/p/-/ready' });
    status = 503;
    expect(await tool(['check', 'healthy', '--url', url])).toMatchObject({
      code: 1,
      errors: `error: check failed: URL=${url}, status=503\n`,
    });
    status = 200;
  });
});

describe('promql', () => {
  it('formats, sets and deletes', async () => {
    expect((await tool(['promql', 'format', 'sum  by(a)(up)+1'])).output).toBe('sum by (a) (up) + 1\n');
    const set = ['promql', 'label-matchers', 'set'];
    expect((await tool([...set, '-t', '=~', 'rate(up{job="a"}[5m]) / on() b', 'job', 'c|d'])).output).toBe(
      'rate(up{job=~"c|d"}[5m]) / on () b{job=~"c|d"}\n',
    );
    expect((await tool(['promql', 'label-matchers', 'delete', 'up{job="a",b="c"}', 'job'])).output).toBe('up{b="c"}\n');
  });

  it.each([
    [['format', 'up{'], 1],
    [['label-matchers', 'set', '-t', '=~', 'up', 'job', '('], 1],
    [['label-matchers', 'set', '-t', '==', 'up', 'job', 'a'], 2],
    [['format'], 2],
  ])('%j ends with %i', async (args, code) => {
    const terminal = await tool(['promql', ...args]);
    expect(terminal.code).toBe(code);
    expect(terminal.errors).not.toBe('');
    expect(terminal.output).toBe('');
  });
});
