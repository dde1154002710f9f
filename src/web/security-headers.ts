/** Headers of every answer, whatever the route: errors and files too. */
const always: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-XSS-Protection': '0',
  'X-DNS-Prefetch-Control': 'off',
  'X-Permitted-Cross-Domain-Policies': 'none',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'Permissions-Policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()',
};

/** What is no page may load nothing and stand in no frame. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The page loads its own files only; styles that its libraries make at run time carry the nonce. */
function pagePolicy(styleNonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${styleNonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const ONE_YEAR_SECONDS = 31_536_000;

export interface HeaderOptions {
  /** The listener speaks TLS. */
  readonly isTls: boolean;
  readonly styleNonce: string | undefined;
  readonly cache: 'forever' | 'revalidate' | undefined;
  /** From the web configuration; they win. */
  readonly configured: Readonly<Record<string, string>>;
}

export function securityHeaders(options: HeaderOptions): Record<string, string> {
  const { isTls, styleNonce, cache, configured } = options;
  return {
    ...always,
    'Content-Security-Policy': styleNonce === undefined ? DATA_POLICY : pagePolicy(styleNonce),
    'Cache-Control':
      cache === undefined
        ? 'no-store'
        : cache === 'forever'
          ? `public, max-age=${ONE_YEAR_SECONDS}, immutable`
          : 'public, max-age=0, must-revalidate',
    ...(isTls ? { 'Strict-Transport-Security': `max-age=${ONE_YEAR_SECONDS}` } : {}),
    ...configured,
  };
}
