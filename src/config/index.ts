/** The whole configuration file: joins the sections its modules own, loads what it refers to, and prints it. */
export { checkConfig, type CheckedRuleFile, type CheckOptions, type CheckReport } from './check.ts';
export {
  type Config,
  configSchema,
  parseConfig,
  type ParsedConfig,
  type ParseOptions,
  printConfig,
  type RuntimeConfig,
} from './config.ts';
export { type Environment, expandEnvironment } from './expand-env.ts';
export { type ConfigFiles, systemFiles } from './files.ts';
export { glob } from './glob.ts';
export { defaultGlobalConfig, type GlobalConfig } from './global.ts';
export { type LoadedConfig, loadConfigFile, type LoadOptions } from './load.ts';
export { type RetentionConfig, type StorageConfig, type TsdbConfig } from './storage.ts';
export { type TracingConfig } from './tracing.ts';
export type { ScrapeConfig } from '../scrape/index.ts';
