import type { PeerCertificate, TLSSocket } from 'node:tls';

/** What the server asks of clients' certificates; Go's `ClientAuthType`. */
export type ClientAuth =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert';

/** TLS of the listeners, with the files' contents. */
export interface TlsSettings {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** Authorities of clients' certificates. */
  readonly clientCa?: string | Buffer;
  readonly clientAuth: ClientAuth;
  /** A client's certificate must carry one of these as subject alternative name; empty: any. */
  readonly clientAllowedSans: readonly string[];
  readonly minVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL's names, colon-separated; absent: Node's choice. */
  readonly ciphers?: string;
  /** OpenSSL's names, colon-separated; absent: Node's choice. */
  readonly curves?: string;
  readonly preferServerCiphers: boolean;
}

/** The settings as `https.createServer`, `http2.createSecureServer` and `setSecureContext` take them. */
export function secureContext(settings: TlsSettings) {
  const { clientAuth } = settings;
  return {
    cert: settings.cert,
    key: settings.key,
    ...(settings.clientCa === undefined ? {} : { ca: settings.clientCa }),
    minVersion: settings.minVersion,
    maxVersion: settings.maxVersion,
    ...(settings.ciphers === undefined ? {} : { ciphers: settings.ciphers }),
    ...(settings.curves === undefined ? {} : { ecdhCurve: settings.curves }),
    honorCipherOrder: settings.preferServerCiphers,
    requestCert: clientAuth !== 'NoClientCert',
    // A certificate that need not be given cannot be demanded by OpenSSL and is judged in `admitsClient`.
    rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
  };
}

/** Whether a client that has shaken hands may stay. */
export function admitsClient(settings: TlsSettings, socket: TLSSocket): boolean {
  const { clientAuth, clientAllowedSans } = settings;
  if (clientAuth === 'NoClientCert' || clientAuth === 'RequestClientCert') return true;
  const certificate = socket.getPeerCertificate();
  const isGiven = Object.keys(certificate).length > 0;
  if (!isGiven) return clientAuth === 'VerifyClientCertIfGiven';
  if (clientAuth !== 'RequireAnyClientCert' && !socket.authorized) return false;
  return clientAllowedSans.length === 0 || subjectNames(certificate).some((name) => clientAllowedSans.includes(name));
}

/** DNS names, addresses, mail addresses and URIs of a certificate. */
function subjectNames(certificate: PeerCertificate): string[] {
  const names = (certificate.subjectaltname ?? '').split(', ');
  return names.flatMap((name) => {
    const value = /^(?:DNS|IP Address|URI|email):(.*)$/.exec(name)?.[1];
    // Node quotes a name that could be taken for several.
    return value === undefined ? [] : value.startsWith('"') ? [JSON.parse(value) as string] : [value];
  });
}
