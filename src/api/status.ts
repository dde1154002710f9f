import { availableParallelism, hostname } from 'node:os';
import v8 from 'node:v8';
import { success, type Route } from '../web/index.ts';
import type { ApiServices } from './services.ts';
import { goTime } from './times.ts';

/** status/config, flags, runtimeinfo, buildinfo, walreplay; features; notifications. */
export function statusRoutes(services: ApiServices): Route[] {
  return [
    {
      path: '/api/v1/status/config',
      methods: ['GET'],
      effect: 'read',
      permission: 'config.read',
      summary: 'the configuration, secrets left out',
      handler: () => success({ yaml: services.configText() }),
    },
    {
      path: '/api/v1/status/flags',
      methods: ['GET'],
      effect: 'read',
      permission: 'config.read',
      summary: 'the flags of the command line',
      handler: () => success(services.flags),
    },
    {
      path: '/api/v1/status/runtimeinfo',
      methods: ['GET'],
      effect: 'read',
      permission: 'config.read',
      summary: 'the state of the process',
      handler: () => success(runtimeInfo(services)),
    },
    {
      path: '/api/v1/status/buildinfo',
      methods: ['GET'],
      effect: 'read',
      permission: 'metrics.read',
      summary: 'the version of the program',
      handler: () => success(services.buildInfo),
    },
    {
      path: '/api/v1/status/walreplay',
      methods: ['GET'],
      effect: 'read',
      permission: 'config.read',
      summary: 'how far the log has been replayed',
      beforeReady: true,
      handler: () => success(services.storageStatus.walReplay()),
    },
    {
      path: '/api/v1/features',
      methods: ['GET'],
      effect: 'read',
      permission: 'config.read',
      summary: 'which features are on',
      handler: () => success(services.features),
    },
    {
      path: '/api/v1/notifications',
      methods: ['GET'],
      effect: 'read',
      permission: 'config.read',
      summary: 'what the server wants its administrators to know',
      beforeReady: true,
      handler: () => success([]),
    },
    {
      path: '/version',
      methods: ['GET'],
      effect: 'read',
      permission: 'metrics.read',
      summary: 'the version of the program',
      beforeReady: true,
      handler: () => ({ status: 200, contentType: 'application/json', body: JSON.stringify(services.buildInfo) }),
    },
  ];
}

function runtimeInfo({ runtimeState, clock }: ApiServices): unknown {
  const state = runtimeState();
  return {
    startTime: goTime(state.startedMs),
    CWD: process.cwd(),
    hostname: hostname(),
    serverTime: goTime(clock.now()),
    reloadConfigSuccess: state.reloadSucceeded,
    lastConfigTime: goTime(state.lastReloadMs),
    corruptionCount: state.corruptions,
    // Goroutines, and the tuning of Go's collector: what is nearest to them here.
    goroutineCount: process.getActiveResourcesInfo().length,
    GOMAXPROCS: availableParallelism(),
    GOMEMLIMIT: v8.getHeapStatistics().heap_size_limit,
    GOGC: '',
    GODEBUG: '',
    storageRetention: state.storageRetention,
  };
}
