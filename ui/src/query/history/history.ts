/** Queries kept per reader. */
export const maxEntries = 100;
/** Longer queries are not kept: the browser's storage is small and shared by all of Yagura's pages. */
export const maxLength = 5000;

/** The history with a query put first: an older copy of it, and the oldest beyond the limit, go. */
export function remember(history: readonly string[], query: string): readonly string[] {
  const trimmed = query.trim();
  if (trimmed === '' || trimmed.length > maxLength) return history;
  return [trimmed, ...history.filter((q) => q !== trimmed)].slice(0, maxEntries);
}

/** The history as it was stored; what is no list of texts counts as none. */
export function parseHistory(stored: string | null): readonly string[] {
  if (stored === null) return [];
  try {
    const value: unknown = JSON.parse(stored);
    if (!Array.isArray(value)) return [];
    return value.filter((q): q is string => typeof q === 'string' && q.length <= maxLength).slice(0, maxEntries);
  } catch {
    return [];
  }
}
