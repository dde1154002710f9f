import { checkServerIdentity, type ConnectionOptions, createSecureContext, type SecureVersion } from 'node:tls';
import { isIP } from 'node:net';
import { type Clock } from '../runtime/index.ts';
import { type TlsConfig, type TlsVersion } from './config.ts';
import { HttpClientError } from './errors.ts';
import { type SecretManager, secretSource, type SecretSource } from './secret-source.ts';

const versions: Readonly<Record<Exclude<TlsVersion, ''>, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

/** What a `tls_config` means for connections; read again when its files change. */
export class TlsMaterial {
  readonly #config: TlsConfig;
  readonly #ca: SecretSource | undefined;
  readonly #cert: SecretSource | undefined;
  readonly #key: SecretSource | undefined;
  #options: ConnectionOptions | undefined;
  #read: readonly (string | undefined)[] = [];

  /** @throws {HttpClientError} `credentials` for references without a secret manager */
  constructor(config: TlsConfig, clock: Clock, manager: SecretManager | undefined) {
    this.#config = config;
    this.#ca = secretSource({ text: config.ca, file: config.caFile, ref: config.caRef }, clock, manager);
    this.#cert = secretSource({ text: config.cert, file: config.certFile, ref: config.certRef }, clock, manager);
    this.#key = secretSource({ text: config.key, file: config.keyFile, ref: config.keyRef }, clock, manager);
  }

  /** Whether it can never change. */
  get isFixed(): boolean {
    return [this.#ca, this.#cert, this.#key].every((source) => source?.isFixed ?? true);
  }

  /**
   * The options to connect with: the same object until the material changes, so that a change can be told.
   *
   * @throws {HttpClientError} `credentials` when the material cannot be read or does not fit together
   */
  async options(): Promise<ConnectionOptions> {
    if (this.#options !== undefined && this.isFixed) return this.#options;
    const read = [await this.#ca?.read(), await this.#cert?.read(), await this.#key?.read()];
    if (this.#options !== undefined && read.every((text, i) => text === this.#read[i])) return this.#options;
    const [ca, cert, key] = read;
    const { minVersion, maxVersion, insecureSkipVerify } = this.#config;
    const isOld = [minVersion, maxVersion].some((version) => version === 'TLS10' || version === 'TLS11');
    try {
      const secureContext = createSecureContext({
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
        ...(minVersion === '' ? {} : { minVersion: versions[minVersion] }),
        ...(maxVersion === '' ? {} : { maxVersion: versions[maxVersion] }),
        // OpenSSL offers the old versions only at its lowest level.
        ...(isOld ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
      });
      this.#options = { secureContext, rejectUnauthorized: !insecureSkipVerify };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new HttpClientError('credentials', `Cannot use the TLS certificates of ${this.#describe()}: ${why}`, {
        cause,
      });
    }
    this.#read = read;
    return this.#options;
  }

  /** What the server's certificate has to be good for, and what it is told it is asked for. */
  nameFor(host: string): ConnectionOptions {
    const name = this.#config.serverName === '' ? host : this.#config.serverName;
    return {
      // A server name indication must not be an address; the certificate is checked against it all the same.
      servername: isIP(name) === 0 ? name.replace(/\.$/, '') : '',
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    };
  }

  #describe(): string {
    const { caFile, certFile, keyFile } = this.#config;
    const files = [caFile, certFile, keyFile].filter((file) => file !== '');
    return files.length === 0 ? 'the configuration' : files.join(', ');
  }
}
