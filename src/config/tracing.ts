import { type TlsConfig, tlsConfigSchema } from '../httpclient/index.ts';
import { headerProblem } from '../remote/index.ts';
import {
  boolean,
  checkedString,
  duration,
  field,
  float,
  mapOf,
  object,
  type ObjectSchema,
  string,
} from '../schema/index.ts';

/** Where traces of the server itself are sent. */
export interface TracingConfig {
  /** `http` or `grpc`. */
  readonly clientType: string;
  readonly endpoint: string;
  /** 0 to 1. */
  readonly samplingFraction: number;
  readonly insecure: boolean;
  readonly tls: TlsConfig;
  readonly headers: ReadonlyMap<string, string>;
  /** Empty or `gzip`. */
  readonly compression: string;
  readonly timeoutMs: number;
}

export const tracingConfigSchema: ObjectSchema<TracingConfig> = object<TracingConfig>({
  name: 'tracing',
  fields: {
    clientType: field(
      'client_type',
      checkedString((given) =>
        given === 'http' || given === 'grpc'
          ? undefined
          : `expected tracing client type to be to be http or grpc, but got ${given}`,
      ),
      { default: 'grpc' },
    ),
    endpoint: field('endpoint', string(), { required: 'tracing endpoint must be set' }),
    samplingFraction: field('sampling_fraction', float()),
    insecure: field('insecure', boolean()),
    tls: field('tls_config', tlsConfigSchema),
    headers: field('headers', mapOf(string())),
    compression: field('compression', string()),
    timeoutMs: field('timeout', duration()),
  },
  refine(config, check) {
    const headers = headerProblem(config.headers, 'custom authorization header configuration is not yet supported');
    if (headers !== undefined) check.fail(headers, 'headers');
    if (config.compression !== '' && config.compression !== 'gzip') {
      check.fail(`invalid compression type ${config.compression} provided, valid options: gzip`, 'compression');
    }
  },
});
