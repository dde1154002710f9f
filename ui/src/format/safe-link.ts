const schemes = new Set(['http:', 'https:', 'mailto:']);

/**
 * The address to put into a link, or `undefined` where the text must stay text. Only whole `http`, `https` and
 * `mailto` addresses pass: labels, annotations and target addresses come from whoever runs an exporter, and a link is
 * the one place where text can become a script.
 */
export function safeHref(text: string): string | undefined {
  const trimmed = text.trim();
  // Browsers drop tabs, newlines and control characters inside a scheme ("java\nscript:"): no address needs them.
  if (/[\u0000-\u0020\u007f-\u009f\u2028\u2029]/.test(trimmed)) return undefined;
  if (!/^(?:https?:\/\/|mailto:)/i.test(trimmed)) return undefined;
  let url: URL;
  try {
    url = new URL(trimmed);
  } catch {
    return undefined;
  }
  return schemes.has(url.protocol) ? url.href : undefined;
}
