/**
 * Whether a request's path is written in the one way this server reads it. Anything else is no route: what two readers could take for
 * different paths is refused rather than normalised, so that no spelling of a path reaches a route by another one's name.
 *
 * Refused: what does not start with a slash, empty segments, dot segments, backslashes, control characters, bytes beyond ASCII,
 * and escapes of characters that need none (`%71`, `%2e`) or that separate (`%2f`, `%5c`, `%00`).
 */
export function isCanonicalPath(path: string): boolean {
  if (!path.startsWith('/')) return false;
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i);
    if (c <= 0x20 || c >= 0x7f || c === 0x5c) return false;
  }
  if (path.includes('//')) return false;
  for (const segment of path.split('/')) if (segment === '.' || segment === '..') return false;
  if (!path.includes('%')) return true;
  if (/%(?![0-9a-fA-F]{2})/.test(path)) return false;
  for (const [, hex] of path.matchAll(/%(..)/g)) {
    const byte = Number.parseInt(hex!, 16);
    if (byte < 0x20 || byte === 0x7f || byte === 0x2f || byte === 0x5c || isUnreserved(byte)) return false;
  }
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Letters, digits, `-._~`: RFC 3986, section 2.3. */
function isUnreserved(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x5f ||
    byte === 0x7e
  );
}

/** Path and query of a request target, split at the first `?`. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const at = target.indexOf('?');
  return at < 0 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) };
}
