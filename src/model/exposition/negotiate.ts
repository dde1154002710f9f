import { type NameEscaping, nameEscapings } from './name-escaping.ts';

/** The forms a page can be written in. */
export type TextFormat = 'text-0.0.4' | 'text-1.0.0' | 'openmetrics-0.0.1' | 'openmetrics-1.0.0';

/** What a reader gets. */
export interface Negotiated {
  readonly format: TextFormat;
  readonly escaping: NameEscaping;
  /** For the Content-Type header. */
  readonly contentType: string;
}

const contentTypes: Readonly<Record<TextFormat, string>> = {
  'text-0.0.4': 'text/plain; version=0.0.4; charset=utf-8',
  'text-1.0.0': 'text/plain; version=1.0.0; charset=utf-8',
  'openmetrics-0.0.1': 'application/openmetrics-text; version=0.0.1; charset=utf-8',
  'openmetrics-1.0.0': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Ranges of an Accept header that are looked at; nobody has more. */
const MAX_RANGES = 64;

/**
 * The form to write for an Accept header: the most wanted one there is, plain text where there is none. Names are escaped with
 * underscores unless the reader asks for something else.
 *
 * @param offersOpenMetrics `/federate` offers text only
 * @see Prometheus common `expfmt/encode.go`, NegotiateIncludingOpenMetrics
 */
export function negotiateFormat(accept: string, offersOpenMetrics: boolean): Negotiated {
  let escaping: NameEscaping = 'underscores';
  for (const { mediaType, parameters } of acceptedRanges(accept)) {
    const asked = parameters.get('escaping') as NameEscaping | undefined;
    if (asked !== undefined && nameEscapings.includes(asked)) escaping = asked;
    const format = formatFor(mediaType, parameters.get('version') ?? '', offersOpenMetrics);
    if (format !== undefined) return negotiated(format, escaping);
  }
  return negotiated('text-0.0.4', escaping);
}

function negotiated(format: TextFormat, escaping: NameEscaping): Negotiated {
  return { format, escaping, contentType: `${contentTypes[format]}; escaping=${escaping}` };
}

function formatFor(mediaType: string, version: string, offersOpenMetrics: boolean): TextFormat | undefined {
  if (mediaType === 'text/plain') {
    if (version === '1.0.0') return 'text-1.0.0';
    return version === '' || version === '0.0.4' ? 'text-0.0.4' : undefined;
  }
  if (mediaType === 'application/openmetrics-text' && offersOpenMetrics) {
    if (version === '1.0.0') return 'openmetrics-1.0.0';
    return version === '' || version === '0.0.1' ? 'openmetrics-0.0.1' : undefined;
  }
  return undefined;
}

interface AcceptedRange {
  readonly mediaType: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** By quality, then in the order given. */
function acceptedRanges(accept: string): AcceptedRange[] {
  const ranges = accept.split(',', MAX_RANGES).map((range) => {
    const [mediaType = '', ...rest] = range.split(';').map((part) => part.trim());
    const parameters = new Map(
      rest.map((part) => {
        const at = part.indexOf('=');
        const name = at < 0 ? part : part.slice(0, at);
        return [name.trim().toLowerCase(), at < 0 ? '' : part.slice(at + 1).trim()] as const;
      }),
    );
    const quality = Number(parameters.get('q') ?? 1);
    return { mediaType: mediaType.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality };
  });
  return ranges.sort((a, b) => b.quality - a.quality);
}
