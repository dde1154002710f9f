import { createLogger } from '../../runtime/index.ts';
import { VERSION } from '../version.ts';
import { nodeWarning } from './build-info.ts';
import { readConfiguration } from './configuration.ts';
import { exposureProblem } from './exposure.ts';
import { featureWarnings, languageOf } from './language.ts';
import type { ServeOptions } from './options.ts';
import { browserAddress } from './self-scrape.ts';
import { selectorsOf, Server } from './server.ts';
import { protectionOf, readProtection } from './protection.ts';

/** The configuration or the flags do not allow a start. */
const EXIT_REFUSED = 1;

/** `yagura serve`: runs until it is told to stop. Sets the exit code. */
export async function serve(options: ServeOptions): Promise<void> {
  const logger = createLogger({
    ...options.log,
    write: (line) => process.stderr.write(line),
    now: () => Date.now(),
  });
  const refuse = (lines: readonly string[]) => {
    for (const line of lines) process.stderr.write(`error: ${line}\n`);
    process.exitCode = EXIT_REFUSED;
  };
  const read = { promql: languageOf(options.features), agent: options.agent };
  const result = await readConfiguration(options.configFile, read);
  if (!result.ok) {
    refuse(result.errors.map(String));
    return;
  }
  const protection = await readProtection(
    { web: options.web.configFile, access: options.access.configFile },
    selectorsOf(options),
  );
  if (protection.errors.length > 0) {
    refuse(protection.errors.map(String));
    return;
  }
  const problem = exposureProblem(options, protectionOf(protection));
  if (problem !== undefined) {
    refuse([problem]);
    return;
  }
  const warnings = [...featureWarnings(options.features), ...result.configuration.warnings];
  for (const name of options.ignored) warnings.push(`--${name} is taken for compatibility and has no effect`);
  const outdated = nodeWarning(Date.now());
  if (outdated !== undefined) warnings.push(outdated);
  for (const warning of warnings) logger.warn(warning);

  let quit = () => {};
  const quitting = new Promise<void>((resolve) => (quit = resolve));
  let server: Server;
  try {
    server = await Server.open({ options, configuration: result.configuration, protection, logger, quit });
  } catch (error) {
    refuse([error instanceof Error ? error.message : String(error)]);
    return;
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, quit);
  process.on('SIGHUP', () => {
    server.reload().catch(() => {
      // The reload has logged what is wrong.
    });
  });
  printBanner(options, server, protection.web?.tls !== undefined);
  try {
    await server.start();
    logger.info('Server is ready to receive web requests.');
    await quitting;
    logger.info('Stopping');
  } catch (error) {
    refuse([error instanceof Error ? error.message : String(error)]);
  } finally {
    await server.close();
  }
  // Whatever still holds the process (an idle worker, a watcher) has nothing left to do.
  process.exit();
}

function printBanner(options: ServeOptions, server: Server, hasTls: boolean): void {
  const { web } = options;
  const print = (line = '') => process.stdout.write(`${line}\n`);
  const prefix = web.routePrefix ?? (web.externalUrl === undefined ? '' : new URL(web.externalUrl).pathname);
  const base = (host: string, port: number) =>
    `${hasTls ? 'https' : 'http'}://${browserAddress({ host, port })}${prefix.replace(/\/+$/, '')}`;
  const addresses = web.listen.map(({ host }, i) => base(host, server.listeners[i].port));
  print();
  print(`  Yagura ${VERSION} is listening on ${addresses.join(' and ')}`);
  if (options.access.insecure) {
    print();
    print(
      '  WARNING: --insecure: there is no sign-in. Everyone who reaches this address may read, change and delete everything.',
    );
  }
  const created = server.access.takeNewCredential();
  if (created !== undefined) {
    print();
    print('  First start: sign in once with this link (it works once, for a day):');
    print(`    ${addresses[0]}/signin#${created.linkToken}`);
    print('  For the API and for signing in again, keep this token; it is not shown a second time:');
    print(`    ${created.token}`);
    print(`  Only hashes of both are kept, in ${created.credentialFile}; remove that file to get new ones.`);
  }
  print();
}
