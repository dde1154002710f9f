import { duration, field, int, list, object, type ObjectSchema, string } from '../schema/index.ts';

/** Targets from the answers of a name server. */
export interface DnsSdConfig {
  readonly names: readonly string[];
  readonly refreshIntervalMs: number;
  /** SRV, A, AAAA, MX or NS, as written (any case). */
  readonly type: string;
  /** The targets' port; SRV records carry their own. */
  readonly port: number;
}

export const dnsSdConfigSchema: ObjectSchema<DnsSdConfig> = object<DnsSdConfig>({
  name: 'dns_sd_config',
  fields: {
    names: field('names', list(string()), {
      required: 'DNS-SD config must contain at least one SRV record name',
      isAlwaysPrinted: true,
    }),
    refreshIntervalMs: field('refresh_interval', duration(), { default: 30_000 }),
    type: field('type', string(), { default: 'SRV', isAlwaysPrinted: true }),
    port: field('port', int(), { isAlwaysPrinted: true }),
  },
  refine(config, check) {
    const type = config.type.toUpperCase();
    if (['A', 'AAAA', 'MX', 'NS'].includes(type)) {
      if (config.port === 0) {
        check.fail('a port is required in DNS-SD configs for all record types except SRV', 'port');
      }
    } else if (type !== 'SRV') {
      check.fail(`invalid DNS-SD records type ${config.type}`, 'type', 'one of SRV, A, AAAA, MX, NS');
    }
  },
});
