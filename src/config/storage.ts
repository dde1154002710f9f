import {
  duration,
  field,
  float,
  int,
  object,
  type ObjectSchema,
  oneOf,
  optional,
  refined,
  size,
} from '../schema/index.ts';

/** How much the storage keeps; zeros leave it to the flags. */
export interface RetentionConfig {
  readonly timeMs: number;
  readonly sizeBytes: number;
  /** Of the disk, 0 to 100. */
  readonly percentage: number;
}

export interface TsdbConfig {
  /** The same as the flag below in ms, as Prometheus prints it. */
  readonly outOfOrderTimeWindow: number;
  /** How far back samples may arrive out of order. */
  readonly outOfOrderTimeWindowMs: number;
  /** The share of stale series in the head, 0 to 1, that starts their compaction. */
  readonly staleSeriesCompactionThreshold: number;
  readonly chunkEncoding: { readonly floats: '' | 'xor' | 'xor2' };
  readonly retention: RetentionConfig;
}

/** The `storage` section. */
export interface StorageConfig {
  readonly tsdb: TsdbConfig;
  /** Absent: the default of 100,000. */
  readonly exemplars: { readonly maxExemplars: number } | undefined;
}

const retention = object<RetentionConfig>({
  name: 'retention',
  fields: {
    timeMs: field('time', duration()),
    sizeBytes: field(
      'size',
      refined(size(), (bytes) =>
        bytes < 0 ? `'storage.tsdb.retention.size' must be greater than or equal to 0, got ${bytes}` : undefined,
      ),
    ),
    percentage: field(
      'percentage',
      refined(float(), (percentage) =>
        // Written so that NaN is out of range, too.
        percentage >= 0 && percentage <= 100
          ? undefined
          : `'storage.tsdb.retention.percentage' must be in the range [0, 100], got ${percentage}`,
      ),
    ),
  },
});

const chunkEncoding = object<TsdbConfig['chunkEncoding']>({
  name: 'chunk_encoding',
  fields: {
    floats: field(
      'floats',
      oneOf(
        ['', 'xor', 'xor2'],
        (given) =>
          `'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, got ${JSON.stringify(given)}`,
      ),
    ),
  },
});

const tsdb = object<TsdbConfig>({
  name: 'tsdb',
  fields: {
    // Prometheus prints (and so reads) its internal number beside the duration.
    outOfOrderTimeWindow: field('outofordertimewindow', int(), { isAlwaysPrinted: true }),
    outOfOrderTimeWindowMs: field('out_of_order_time_window', duration()),
    staleSeriesCompactionThreshold: field('stale_series_compaction_threshold', float()),
    chunkEncoding: field('chunk_encoding', chunkEncoding),
    retention: field('retention', retention, { isAlwaysPrinted: true }),
  },
  refine(config) {
    config.outOfOrderTimeWindow = config.outOfOrderTimeWindowMs;
  },
});

const exemplars = object<NonNullable<StorageConfig['exemplars']>>({
  name: 'exemplars',
  fields: { maxExemplars: field('max_exemplars', int()) },
});

export const storageConfigSchema: ObjectSchema<StorageConfig> = object<StorageConfig>({
  name: 'storage',
  fields: {
    tsdb: field('tsdb', tsdb, { default: () => tsdb.defaults(), isAlwaysPrinted: true }),
    exemplars: field('exemplars', optional(exemplars)),
  },
});
