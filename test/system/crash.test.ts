import { describe, expect, it } from 'vitest';
import { eventually } from '../peers.ts';
import { query, startYagura } from '../yagura.ts';

const config = `
global: {scrape_interval: 200ms, scrape_timeout: 200ms}
scrape_configs:
  - {job_name: yagura, static_configs: [{targets: ['127.0.0.1:PORT']}]}
`;

interface Matrix {
  readonly result: { readonly metric: Record<string, string>; readonly values: [time: number, value: string][] }[];
}

describe('kill -9', () => {
  it('loses no scrape that was answered for, and doubles none', async () => {
    let server = await startYagura({ config, flags: ['--insecure'] });
    try {
      for (let round = 0; round < 4; round++) {
        await eventually(
          () => query(server, 'count_over_time(up[1h])'),
          (up) => Number(up[0]?.value[1]) >= 3 * (round + 1),
        );
        const samples = async () =>
          (await server.api<Matrix>(`/api/v1/query?query=${encodeURIComponent('up[1h]')}`)).result[0]!.values;
        const before = await samples();
        await server.kill('SIGKILL');
        server = await startYagura({ config, flags: ['--insecure'], again: server });
        const after = await samples();
        expect(after.slice(0, before.length)).toEqual(before);
        expect(new Set(after.map(([time]) => time)).size).toBe(after.length);
      }
    } finally {
      await server.remove();
    }
  });
});
