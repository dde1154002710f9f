import { duration, field, filePath, list, object, type ObjectSchema } from '../schema/index.ts';

/** Target groups read from files that are watched. */
export interface FileSdConfig {
  /** Paths, the last part of which may hold `*`. */
  readonly files: readonly string[];
  /** How often the files are read although nothing was seen to change. */
  readonly refreshIntervalMs: number;
}

export const fileSdConfigSchema: ObjectSchema<FileSdConfig> = object<FileSdConfig>({
  name: 'file_sd_config',
  fields: {
    files: field('files', list(filePath(checkFileName)), {
      required: 'file service discovery config must contain at least one path name',
      isAlwaysPrinted: true,
    }),
    refreshIntervalMs: field('refresh_interval', duration(), { default: 300_000 }),
  },
});

function checkFileName(name: string): string | undefined {
  return /^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$/.test(name)
    ? undefined
    : `path name ${JSON.stringify(name)} is not valid for file discovery`;
}
