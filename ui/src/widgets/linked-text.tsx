import { safeHref } from '../format/safe-link.ts';

/** Text from the server: a link where the whole text is an address that may be one, else just text. */
export function LinkedText({ text, className }: { text: string; className?: string }) {
  const href = safeHref(text);
  if (href === undefined) return <span className={className}>{text}</span>;
  return (
    <a className={className} href={href} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  );
}
