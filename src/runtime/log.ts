export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'logfmt' | 'json';
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Structured log lines. Fields are rendered by `String` (errors by their message and causes); a `Secret` renders as `<secret>`.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to each line. */
  with(fields: LogFields): Logger;
}

const order: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Receives one line, newline included. */
  readonly write: (line: string) => void;
  readonly now: () => number;
}

export function createLogger(options: LoggerOptions): Logger {
  return logger(options, {});
}

/** Discards everything; for tests and for tools that print their own output. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => silentLogger,
};

function logger(options: LoggerOptions, bound: LogFields): Logger {
  const log = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (order[level] < order[options.level]) return;
    const record: Record<string, unknown> = {
      time: new Date(options.now()).toISOString(),
      level: options.format === 'logfmt' ? level.toUpperCase() : level,
      msg: message,
      ...bound,
      ...fields,
    };
    options.write(options.format === 'json' ? jsonLine(record) : logfmtLine(record));
  };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    with: (fields) => logger(options, { ...bound, ...fields }),
  };
}

function jsonLine(record: Record<string, unknown>): string {
  const plain: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record)) {
    plain[key] = typeof value === 'number' || typeof value === 'boolean' ? value : textOf(value);
  }
  return `${JSON.stringify(plain)}\n`;
}

function logfmtLine(record: Record<string, unknown>): string {
  const parts = Object.entries(record).map(([key, value]) => `${key}=${logfmtValue(textOf(value))}`);
  return `${parts.join(' ')}\n`;
}

function logfmtValue(text: string): string {
  return /^[^\s"=\\\p{C}]+$/u.test(text) ? text : JSON.stringify(text);
}

function textOf(value: unknown): string {
  if (value instanceof Error) {
    const cause = value.cause instanceof Error ? `: ${textOf(value.cause)}` : '';
    return `${value.message}${cause}`;
  }
  if (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    value.toString === Object.prototype.toString
  ) {
    return JSON.stringify(value);
  }
  return String(value);
}
