import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { brokenPath } from './exporter.ts';
import { payloads } from './payloads.ts';

// JSON is YAML: texts need no quoting rules of their own.
const yaml = (value: unknown): string => JSON.stringify(value);

/**
 * Writes `config.yml` and `rules.yml` with what the browser tests are about: the exporter, a target that is down, a
 * dropped one; alerts in each state, a recording rule, a rule that fails.
 */
export function writeConfiguration(dir: string, exporterPort: number): void {
  const hostileLabels = Object.fromEntries(payloads.map((text, i) => [`hostile_${i}`, text]));
  const rules = {
    groups: [
      {
        name: 'page',
        interval: '1s',
        rules: [
          { record: 'job:up:count', expr: 'count by (job) (up)' },
          {
            alert: 'TargetDown',
            expr: 'up == 0',
            labels: { severity: 'page', hostile: payloads[0] },
            annotations: {
              summary: payloads[1],
              runbook_url: 'https://runbooks.example/TargetDown?a=1',
              dashboard: payloads[5],
            },
          },
          { alert: 'AlmostThere', expr: 'answer > 1', for: '1d', annotations: { summary: 'Pending for a day' } },
          { alert: 'Quiet', expr: 'answer < 0', labels: { severity: 'none' } },
          { record: 'fails:always', expr: 'many * on () many' },
        ],
      },
    ],
  };
  writeFileSync(path.join(dir, 'rules.yml'), yaml(rules));
  const target = (port: number) => [{ targets: [`127.0.0.1:${port}`] }];
  writeFileSync(
    path.join(dir, 'config.yml'),
    yaml({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yml'],
      scrape_configs: [
        { job_name: 'exporter', static_configs: target(exporterPort) },
        // The same again, of which one series is kept.
        {
          job_name: 'second',
          static_configs: target(exporterPort),
          metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'work_total', action: 'keep' }],
        },
        { job_name: 'down', static_configs: [{ targets: ['127.0.0.1:1'], labels: hostileLabels }] },
        { job_name: 'broken', metrics_path: brokenPath, static_configs: target(exporterPort) },
        {
          job_name: 'dropped',
          static_configs: target(2),
          relabel_configs: [{ source_labels: ['__address__'], regex: '.*', action: 'drop' }],
        },
      ],
    }),
  );
}
