import type { Clock, Logger, Registry } from '../../runtime/index.ts';
import { readConfiguration, type Configuration, type ReadOptions } from './configuration.ts';
import { printConfig } from '../../config/index.ts';
import { statSync } from 'node:fs';

export interface ReloaderOptions extends ReadOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Puts a configuration in force. When it throws, what it had changed counts as the old one's fault: it is not undone. */
  readonly apply: (configuration: Configuration) => Promise<void>;
}

/** The configuration in force, and how it is replaced. A file that is not fit for use changes nothing. */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #successful;
  readonly #lastSuccess;
  #current: Configuration;
  #running: Promise<void> | undefined;
  #lastReloadMs: number;
  #succeeded = true;
  #stamp: string;
  #cancelLook: (() => void) | undefined;

  /** @param initial in force already */
  constructor(initial: Configuration, options: ReloaderOptions) {
    this.#options = options;
    this.#current = initial;
    this.#lastReloadMs = options.clock.now();
    this.#stamp = stampOf(initial.files);
    this.#successful = options.registry.gauge(
      'prometheus_config_last_reload_successful',
      'Whether the last configuration reload attempt was successful.',
    );
    this.#lastSuccess = options.registry.gauge(
      'prometheus_config_last_reload_success_timestamp_seconds',
      'Timestamp of the last successful configuration reload.',
    );
    this.#note(true);
  }

  get current(): Configuration {
    return this.#current;
  }

  get succeeded(): boolean {
    return this.#succeeded;
  }

  get lastReloadMs(): number {
    return this.#lastReloadMs;
  }

  /** The configuration as YAML, secrets as `<secret>`. */
  text(): string {
    return printConfig(this.#current.loaded.config);
  }

  /**
   * Reads the files again and puts them in force. Calls meanwhile wait for the one under way.
   *
   * @throws {Error} naming everything that is wrong with the files
   */
  reload(): Promise<void> {
    this.#running ??= this.#reload().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Reloads by itself whenever a file that was read has changed. */
  watch(intervalMs: number): void {
    const { clock, logger } = this.#options;
    const look = () => {
      if (stampOf(this.#current.files) !== this.#stamp) {
        this.reload().catch((error: unknown) => {
          logger.error('Automatic reload failed, the configuration stays as it was', { error });
        });
      }
      this.#cancelLook = clock.after(intervalMs, look);
    };
    this.#cancelLook = clock.after(intervalMs, look);
  }

  close(): void {
    this.#cancelLook?.();
  }

  async #reload(): Promise<void> {
    const { file, logger, apply, clock } = this.#options;
    const started = clock.monotonic();
    // Also for a file that turns out bad: it is not read again and again.
    this.#stamp = stampOf(this.#current.files);
    try {
      const result = await readConfiguration(file, this.#options);
      if (!result.ok) throw new Error(result.errors.map(String).join('\n'));
      for (const warning of result.configuration.warnings) logger.warn(warning);
      await apply(result.configuration);
      this.#current = result.configuration;
      this.#stamp = stampOf(result.configuration.files);
      this.#note(true);
      logger.info('Configuration reloaded', { file, ms: Math.round(clock.monotonic() - started) });
    } catch (error) {
      this.#note(false);
      logger.error('Reloading the configuration failed, it stays as it was', { file, error });
      throw error;
    }
  }

  #note(succeeded: boolean): void {
    const now = this.#options.clock.now();
    this.#succeeded = succeeded;
    this.#successful.set(succeeded ? 1 : 0);
    if (!succeeded) return;
    this.#lastReloadMs = now;
    this.#lastSuccess.set(now / 1000);
  }
}

/** Changes whenever one of the files does. */
function stampOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat === undefined ? `${file} -` : `${file} ${stat.mtimeMs} ${stat.size} ${stat.ino}`;
    })
    .join('\n');
}
