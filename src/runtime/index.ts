export { systemClock, type Clock } from './clock.ts';
export { InvariantError, invariant, unreachable } from './invariant.ts';
export {
  createLogger,
  silentLogger,
  type LogFields,
  type LogFormat,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from './log.ts';
