import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { text, type Reply, type Route, type WebRequest } from '../web/index.ts';

export interface PageOptions {
  /** The built page: `index.html` and what it loads. */
  readonly dir: string;
  /** Where the page lies for browsers, ending in `/`. */
  readonly basePath: string;
  readonly title: string;
}

/** Where the page is; it finds out by itself what to show. */
const pagePaths = [
  '/',
  '/query',
  // Where links of older Prometheus servers lead.
  '/graph',
  '/targets',
  '/rules',
  '/alerts',
  '/status',
  '/signin',
  '/config',
  '/flags',
  '/tsdb-status',
  '/service-discovery',
  '/alertmanager-discovery',
];

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'application/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

interface Asset {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly etag: string;
}

/**
 * The page and its files. They hold no data, so that anybody may load them; they are read once, and what was not there then does not
 * exist: no path of a request ever becomes the path of a file.
 */
export function pageRoutes(options: PageOptions): Route[] {
  const assets = readAssets(options.dir);
  const index = assets.get('/index.html');
  const html = index === undefined ? undefined : prepareHtml(index.bytes.toString('utf8'), options);
  const routes: Route[] = pagePaths.map((pagePath) => ({
    path: pagePath,
    methods: ['GET'],
    effect: 'read',
    permission: 'open',
    summary: 'the page',
    beforeReady: true,
    handler: () => (html === undefined ? notBuilt : htmlReply(html)),
  }));
  const file = { methods: ['GET'], effect: 'read', permission: 'open', beforeReady: true } as const;
  routes.push({
    ...file,
    path: '/assets/*',
    summary: "the page's files",
    // Their names change with their contents.
    handler: (request: WebRequest) => assetReply(assets.get(`/assets/${request.pathParams['*']}`), request, 'forever'),
  });
  for (const name of assets.keys()) {
    if (name.startsWith('/assets/') || name === '/index.html') continue;
    routes.push({
      ...file,
      path: name,
      summary: "the page's files",
      handler: (request: WebRequest) => assetReply(assets.get(name), request, 'revalidate'),
    });
  }
  return routes;
}

const notBuilt = text('The page is not built: run npm run build. The HTTP API works without it.\n', 404);

function readAssets(dir: string): ReadonlyMap<string, Asset> {
  let entries;
  try {
    entries = readdirSync(dir, { withFileTypes: true, recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  const assets = new Map<string, Asset>();
  for (const entry of entries) {
    const contentType = contentTypes[path.extname(entry.name)];
    if (!entry.isFile() || contentType === undefined) continue;
    const file = path.join(entry.parentPath, entry.name);
    const bytes = readFileSync(file);
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    assets.set(`/${path.relative(dir, file).split(path.sep).join('/')}`, { bytes, contentType, etag });
  }
  return assets;
}

const NONCE = '__CSP_NONCE__';

/** The parts of the page around its nonce. */
function prepareHtml(html: string, { basePath, title }: PageOptions): readonly string[] {
  return html
    .replace(/<base href="[^"]*"/, () => `<base href="${escaped(basePath)}"`)
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(title)}</title>`)
    .split(NONCE);
}

function htmlReply(parts: readonly string[]): Reply {
  const styleNonce = randomBytes(18).toString('base64');
  return { status: 200, contentType: contentTypes['.html']!, body: parts.join(styleNonce), styleNonce };
}

function assetReply(asset: Asset | undefined, request: WebRequest, cache: 'forever' | 'revalidate'): Reply {
  if (asset === undefined) return text('404 page not found\n', 404);
  const headers = { ETag: asset.etag };
  if (request.header('if-none-match') === asset.etag) return { status: 304, headers, cache };
  return { status: 200, contentType: asset.contentType, headers, body: asset.bytes, cache };
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
