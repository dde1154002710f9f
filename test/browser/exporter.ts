import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { payloads } from './payloads.ts';

/** A target with everything the page has to show: hostile texts, odd names, many series, moving values. */
export interface Exporter {
  readonly port: number;
  close(): Promise<void>;
}

/** A metric and one of its labels whose names would be markup. */
export const hostileName = '<img src=x onerror=__pwned()>';
export const hostileLabel = '<svg onload=__pwned()>';

/** Where the target answers with a page that is none, and that the message about it quotes. */
export const brokenPath = '/broken';
export const brokenValue = '<svg/onload=__pwned()>';

/** Series of `many`, enough that the page must not draw them all. */
export const manySeries = 3000;

const escape = (text: string) => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
const escapeHelp = (text: string) => text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');

function exposition(): string {
  const now = Date.now() / 1000;
  const lines = [
    '# HELP answer The answer, which does not change.',
    '# TYPE answer gauge',
    'answer{unit="none"} 42.125',
    `# HELP hostile ${escapeHelp(payloads[1]!)}`,
    '# TYPE hostile gauge',
    ...payloads.map((text, i) => `hostile{n="${i}",text="${escape(text)}"} ${i}`),
    '# HELP wave Three sines.',
    '# TYPE wave gauge',
    ...[1, 2, 3].map((n) => `wave{n="${n}"} ${(n + Math.sin(now / (5 * n))).toFixed(4)}`),
    '# HELP work_total Work done.',
    '# TYPE work_total counter',
    `work_total ${Math.floor(now) % 100_000}`,
    '# HELP "odd.name" A name beyond the classic set.',
    '# TYPE "odd.name" gauge',
    '{"odd.name","k8s.pod"="a b"} 1',
    `# HELP "${hostileName}" ${escapeHelp(payloads[0]!)}`,
    `# TYPE "${hostileName}" gauge`,
    `{"${hostileName}","${hostileLabel}"="${escape(payloads[0]!)}"} 1`,
    '# HELP many One of many.',
    '# TYPE many gauge',
  ];
  for (let i = 0; i < manySeries; i++) lines.push(`many{n="${i}"} ${i}`);
  return `${lines.join('\n')}\n`;
}

/** Starts the target on a free loopback port. */
export async function startExporter(): Promise<Exporter> {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8' });
    response.end(request.url === brokenPath ? `answer ${brokenValue}\n` : exposition());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
