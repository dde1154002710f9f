export {
  completeScrapeConfig,
  defaultScrapeProtocols,
  type NameEscapingScheme,
  nameValidationScheme,
  protoFirstScrapeProtocols,
  type ScrapeConfig,
  scrapeConfigSchema,
  scrapeConfigsSchema,
  type ScrapeDefaults,
  type ScrapeProtocol,
  scrapeProtocolMediaTypes,
  scrapeProtocols,
  scrapeProtocolsProblem,
} from './config.ts';
export type { ScrapeLoop } from './scrape-loop.ts';
export { ScrapeManager, type ScrapeManagerOptions } from './scrape-manager.ts';
export type { DroppedTarget, ScrapePool } from './scrape-pool.ts';
export type { Target, TargetHealth } from './target.ts';
export { type PopulatedTarget, targetsOfGroup } from './targets-of-group.ts';
