import { quoteGo } from '../quote.ts';
import { ExpositionError } from './error.ts';

/** A form of exposition as its media type names it; versions make no difference to how a page is read. */
export type MediaType = 'text/plain' | 'application/openmetrics-text' | 'application/vnd.google.protobuf';

const mediaTypes: readonly string[] = ['text/plain', 'application/openmetrics-text', 'application/vnd.google.protobuf'];

/** How a page is to be read, and what was wrong with its Content-Type where the fallback had to serve. */
export interface PageFormat {
  readonly mediaType: MediaType;
  readonly warning: string | undefined;
}

/**
 * The format of a page by its Content-Type.
 *
 * @param fallback taken where the header says nothing useful
 * @throws {ExpositionError} where there is no fallback either
 * @see Prometheus `model/textparse/interface.go`, extractMediaType
 */
export function formatOfPage(contentType: string, fallback: MediaType | undefined): PageFormat {
  const problem = contentTypeProblem(contentType);
  if (typeof problem === 'object') return { mediaType: problem.mediaType, warning: undefined };
  const { refusal, complaint } = problems[problem];
  const detail = problem === 'unreadable' ? `\n${mediaTypeError(contentType)!}` : '';
  if (fallback === undefined) throw new ExpositionError(refusal(contentType) + detail);
  return {
    mediaType: fallback,
    warning: `${complaint(contentType)}, using fallback_scrape_protocol ${quoteGo(fallback)}${detail}`,
  };
}

const problems = {
  blank: {
    refusal: () =>
      'non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target',
    complaint: () => 'non-compliant scrape target sending blank Content-Type',
  },
  unreadable: {
    refusal: (given: string) =>
      `cannot parse Content-Type ${quoteGo(given)} and no fallback_scrape_protocol for target`,
    complaint: (given: string) => `could not parse received Content-Type ${quoteGo(given)}`,
  },
  unsupported: {
    refusal: (given: string) =>
      `received unsupported Content-Type ${quoteGo(given)} and no fallback_scrape_protocol specified for target`,
    complaint: (given: string) => `received unsupported Content-Type ${quoteGo(given)}`,
  },
};

function contentTypeProblem(contentType: string): { mediaType: MediaType } | keyof typeof problems {
  if (contentType === '') return 'blank';
  if (mediaTypeError(contentType) !== undefined) return 'unreadable';
  const [name = ''] = contentType.split(';', 1);
  const mediaType = name.trim().toLowerCase();
  return mediaTypes.includes(mediaType) ? { mediaType: mediaType as MediaType } : 'unsupported';
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const parameter = /^\s*;\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*=\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[^"\\]|\\.)*")\s*/;

/** What Go's `mime.ParseMediaType` has against a header, or nothing. */
function mediaTypeError(header: string): string | undefined {
  const end = header.indexOf(';');
  const name = (end < 0 ? header : header.slice(0, end)).trim();
  const [type, subtype, ...more] = name.split('/');
  if (name === '') return 'mime: no media type';
  if (!token.test(type!)) return 'mime: expected token before slash';
  if (subtype === undefined) return undefined;
  if (subtype === '') return 'mime: expected token after slash';
  if (more.length > 0 || !token.test(subtype)) return 'mime: unexpected content after media subtype';
  const seen = new Set<string>();
  let rest = end < 0 ? '' : header.slice(end);
  while (rest !== '') {
    const match = parameter.exec(rest);
    if (match === null) return rest.trim() === ';' ? undefined : 'mime: invalid media parameter';
    const key = match[1]!.toLowerCase();
    if (seen.has(key)) return 'mime: duplicate parameter name';
    seen.add(key);
    rest = rest.slice(match[0].length);
  }
  return undefined;
}
