export {
  type AzureAdConfig,
  azureAdSchema,
  type AzureCertificateConfig,
  type GoogleIamConfig,
  googleIamSchema,
} from './auth-config.ts';
export {
  headerProblem,
  type MetadataConfig,
  type QueueConfig,
  type RemoteReadConfig,
  remoteReadConfigSchema,
  type RemoteWriteConfig,
  remoteWriteConfigSchema,
  type WriteMessage,
} from './config.ts';
export {
  type OtlpConfig,
  otlpConfigSchema,
  translationStrategyProblem,
  type TranslationStrategy,
} from './otlp-config.ts';
