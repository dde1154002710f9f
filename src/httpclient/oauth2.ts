import { createSign } from 'node:crypto';
import { type Clock } from '../runtime/index.ts';
import { jwtBearerGrant, type OAuth2Config } from './config.ts';
import { basicAuthorization } from './credentials.ts';
import { HttpClientError } from './errors.ts';
import { type HttpClient, type HttpResponse } from './http-client.ts';
import { showUrl } from './outbound.ts';
import { type SecretManager, secretSource, type SecretSource } from './secret-source.ts';

/** A token is renewed this long before it ends, so that none ends on its way. */
const renewBeforeMs = 10_000;
const maxTokenBytes = 1024 * 1024;
const tokenTimeoutMs = 30_000;
/** How long an assertion is good for, as golang.org/x/oauth2/jwt makes them. */
const assertionLifetimeSeconds = 3600;

interface Token {
  readonly text: string;
  /** On the clock's monotonic scale. */
  readonly goodUntilMs: number;
  /** What it was asked with: a new secret asks for a new token. */
  readonly secret: string;
}

/** Fetches OAuth2 access tokens with a client's credentials or a signed assertion, and keeps them while they are good. */
export class OAuth2Tokens {
  readonly #config: OAuth2Config;
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #secret: SecretSource | undefined;
  readonly #shown: string;
  #token: Token | undefined;
  #fetching: Promise<Token> | undefined;
  /** Servers differ in where they look for the client's credentials; which one does is found out once. */
  #style: 'header' | 'parameters' | undefined;

  /** @param client is this object's own from here on */
  constructor(config: OAuth2Config, client: HttpClient, clock: Clock, manager: SecretManager | undefined) {
    this.#config = config;
    this.#client = client;
    this.#clock = clock;
    this.#shown = showUrl(config.tokenUrl);
    const places =
      config.grantType === jwtBearerGrant
        ? {
            text: config.clientCertificateKey,
            file: config.clientCertificateKeyFile,
            ref: config.clientCertificateKeyRef,
          }
        : { text: config.clientSecret, file: config.clientSecretFile, ref: config.clientSecretRef };
    this.#secret = secretSource(places, clock, manager);
  }

  /** A token that is good now. Askers at the same time share one request. @throws {HttpClientError} */
  async token(): Promise<string> {
    const secret = (await this.#secret?.read()) ?? '';
    const token = this.#token;
    if (token !== undefined && token.secret === secret && this.#clock.monotonic() < token.goodUntilMs)
      return token.text;
    this.#fetching ??= this.#fetch(secret).finally(() => {
      this.#fetching = undefined;
    });
    this.#token = await this.#fetching;
    return this.#token.text;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #fetch(secret: string): Promise<Token> {
    const askedAtMs = this.#clock.monotonic();
    const response =
      this.#config.grantType === jwtBearerGrant
        ? await this.#askWithAssertion(secret)
        : await this.#askWithSecret(secret);
    if (response.status < 200 || response.status > 299) {
      throw new HttpClientError(
        'credentials',
        `Cannot get a token from ${this.#shown}: status ${response.status}${errorCode(response)}`,
      );
    }
    const fields = parseToken(response);
    const text = fields.access_token;
    if (typeof text !== 'string' || text === '') {
      throw new HttpClientError(
        'credentials',
        `Cannot get a token from ${this.#shown}: there is no access_token in the answer`,
      );
    }
    const lifetimeSeconds = Number(fields.expires_in ?? 0);
    const goodUntilMs = lifetimeSeconds > 0 ? askedAtMs + lifetimeSeconds * 1000 - renewBeforeMs : Infinity;
    return { text, goodUntilMs, secret };
  }

  async #askWithSecret(secret: string): Promise<HttpResponse> {
    const { clientId, scopes, endpointParams } = this.#config;
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (scopes.length > 0) form.set('scope', scopes.join(' '));
    for (const [name, value] of endpointParams) form.set(name, value);
    if (this.#style !== 'parameters') {
      const login = basicAuthorization(encodeURIComponent(clientId), encodeURIComponent(secret));
      const response = await this.#post(form, { authorization: login });
      if (response.status < 400 || this.#style === 'header') {
        this.#style = 'header';
        return response;
      }
    }
    form.set('client_id', clientId);
    if (secret !== '') form.set('client_secret', secret);
    const response = await this.#post(form, {});
    if (response.status < 400) this.#style = 'parameters';
    return response;
  }

  /** RFC 7523, 2.1: the assertion is the grant. */
  async #askWithAssertion(key: string): Promise<HttpResponse> {
    const { clientId, iss, audience, scopes, claims, tokenUrl, endpointParams, clientCertificateKeyId } = this.#config;
    const nowSeconds = Math.floor(this.#clock.now() / 1000);
    const algorithm = this.#config.signatureAlgorithm === '' ? 'RS256' : this.#config.signatureAlgorithm;
    const header = {
      alg: algorithm,
      typ: 'JWT',
      ...(clientCertificateKeyId === '' ? {} : { kid: clientCertificateKeyId }),
    };
    const payload = {
      ...(toPlain(claims) as Record<string, unknown>),
      iss: iss === '' ? clientId : iss,
      sub: clientId,
      aud: audience === '' ? tokenUrl : audience,
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      iat: nowSeconds,
      exp: nowSeconds + assertionLifetimeSeconds,
      jti: crypto.randomUUID(),
    };
    const signed = `${base64url(header)}.${base64url(payload)}`;
    let signature: string;
    try {
      signature = createSign(`RSA-SHA${algorithm.slice(2)}`)
        .update(signed)
        .sign(key, 'base64url');
    } catch (cause) {
      throw new HttpClientError('credentials', `Cannot sign the assertion for ${this.#shown}: the key is not usable`, {
        cause,
      });
    }
    const form = new URLSearchParams({ grant_type: jwtBearerGrant, assertion: `${signed}.${signature}` });
    for (const [name, value] of endpointParams) form.set(name, value);
    return this.#post(form, {});
  }

  #post(form: URLSearchParams, headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
    return this.#client.request(this.#config.tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...headers },
      body: form.toString(),
      timeoutMs: tokenTimeoutMs,
      maxBytes: maxTokenBytes,
    });
  }
}

function parseToken(response: HttpResponse): Readonly<Record<string, unknown>> {
  const text = response.body.toString('utf8');
  const type = (response.headers['content-type'] as string | undefined) ?? '';
  if (/^(application\/x-www-form-urlencoded|text\/plain)/.test(type)) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The error's code, which the standard defines; the rest of the answer may repeat what was sent. */
function errorCode(response: HttpResponse): string {
  const code = parseToken(response).error;
  return typeof code === 'string' && /^[\w.-]{1,60}$/.test(code) ? ` (${code})` : '';
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function toPlain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([key, v]) => [String(key), toPlain(v)]));
  return Array.isArray(value) ? value.map(toPlain) : value;
}
