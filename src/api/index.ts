export { pageRoutes, type PageOptions } from './page.ts';
export { parseSelector } from './request-params.ts';
export { apiRoutes } from './routes.ts';
export { documentRoutes } from './routes-doc.ts';
export type {
  AlertmanagerSource,
  ApiServices,
  BuildInfo,
  Cardinality,
  DroppedTarget,
  Lifecycle,
  RuleSource,
  RuntimeState,
  StorageAdmin,
  StorageStatus,
  TargetSource,
  TargetStatus,
  TsdbStats,
} from './services.ts';
