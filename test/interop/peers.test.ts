import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, freePort, peer, run, type Running } from '../peers.ts';
import { query, startYagura, type VectorSample, type Yagura } from '../yagura.ts';

const prometheus = peer('prometheus');
const promtool = peer('promtool');
const nodeExporter = peer('prometheus-node-exporter');

describe.skipIf(prometheus === undefined || promtool === undefined || nodeExporter === undefined)(
  'beside the real Prometheus and node_exporter',
  () => {
    let dir: string;
    let yagura: Yagura;
    let theirs: Running;
    let node: Running;
    let theirUrl: string;

    const ask = async (url: string, expr: string, time: number) => {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}&time=${time}`);
      return ((await response.json()) as { data: { result: VectorSample[] } }).data.result;
    };

    beforeAll(async () => {
      dir = mkdtempSync(path.join(tmpdir(), 'yagura-peers-'));
      const [theirPort, nodePort] = [await freePort(), await freePort()];
      theirUrl = `http://127.0.0.1:${theirPort}`;
      node = run(nodeExporter!, [`--web.listen-address=127.0.0.1:${nodePort}`]);
      yagura = await startYagura({
        flags: ['--insecure'],
        config: `
global: {scrape_interval: 1s}
scrape_configs:
  - {job_name: prometheus, static_configs: [{targets: ['127.0.0.1:${theirPort}']}]}
  - {job_name: node, static_configs: [{targets: ['127.0.0.1:${nodePort}']}]}
`,
      });
      writeFileSync(
        path.join(dir, 'prometheus.yml'),
        `
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: federate
    metrics_path: /federate
    honor_labels: true
    params: {'match[]': ['up', 'node_load1']}
    static_configs: [{targets: ['127.0.0.1:${yagura.port}']}]
  - {job_name: direct, static_configs: [{targets: ['127.0.0.1:${nodePort}']}]}
  - {job_name: prometheus, static_configs: [{targets: ['127.0.0.1:${theirPort}']}]}
`,
      );
      theirs = run(prometheus!, [
        `--config.file=${dir}/prometheus.yml`,
        `--storage.tsdb.path=${dir}/data`,
        `--web.listen-address=127.0.0.1:${theirPort}`,
      ]);
      await eventually(
        () => query(yagura, 'up == 1'),
        (up) => up.length === 2,
      );
    });

    afterAll(async () => {
      await Promise.all([theirs.stop(), node.stop(), yagura.remove()]);
      rmSync(dir, { recursive: true, force: true });
    });

    it("scrapes Prometheus's own metrics and the node_exporter without losing a sample", async () => {
      const pages = await query(yagura, 'scrape_samples_scraped == scrape_samples_post_metric_relabeling > 100');
      expect(pages.map((s) => s.metric.job).sort()).toEqual(['node', 'prometheus']);
      expect((await query(yagura, 'prometheus_build_info')).length).toBe(1);
      const targets = await yagura.api<{ activeTargets: { health: string; lastError: string }[] }>('/api/v1/targets');
      expect(targets.activeTargets.map((t) => [t.health, t.lastError])).toEqual([
        ['up', ''],
        ['up', ''],
      ]);
    });

    it('is federated by Prometheus, which sees the targets as Yagura does', async () => {
      const federated = await eventually(
        () => ask(theirUrl, 'up{job="node"} and on(instance) node_load1', Date.now() / 1000),
        (result) => result.length === 1,
      );
      expect(federated[0]!.value[1]).toBe('1');
      expect((await ask(theirUrl, 'up{job="federate"}', Date.now() / 1000))[0]!.value[1]).toBe('1');
    });

    it('gives promtool the answer it gives to curl', async () => {
      // Settled in the past, so that both ask about the same samples.
      const time = Math.floor(Date.now() / 1000) - 1;
      const { stdout } = await promisify(execFile)(promtool!, [
        'query',
        'instant',
        `--time=${time}`,
        yagura.url,
        'node_load1',
      ]);
      const [sample] = await query(yagura, 'node_load1', time);
      expect(stdout.trim()).toBe(
        `node_load1{instance="${sample!.metric.instance}", job="node"} => ${sample!.value[1]} @[${time}]`,
      );
      for (const args of [
        ['query', 'series', '--match=up', yagura.url],
        ['query', 'labels', yagura.url, 'job'],
        ['query', 'range', yagura.url, 'up'],
        ['check', 'healthy', `--url=${yagura.url}`],
        ['check', 'ready', `--url=${yagura.url}`],
      ]) {
        const result = await promisify(execFile)(promtool!, args);
        expect(result.stdout + result.stderr).not.toMatch(/error/i);
      }
    });

    it('knows the same series of the node_exporter as Prometheus does', async () => {
      const time = Date.now() / 1000;
      const names = (job: string) =>
        `count by (__name__) ({job="${job}", __name__=~"node_(cpu|memory|disk|network|load|filesystem).*"})`;
      const [ours, real] = await Promise.all([
        ask(yagura.url, names('node'), time),
        ask(theirUrl, names('direct'), time),
      ]);
      const table = (result: VectorSample[]) => result.map((s) => `${s.metric.__name__} ${s.value[1]}`).sort();
      expect(table(ours)).toEqual(table(real));
      expect(ours.length).toBeGreaterThan(50);
    });
  },
);
