import { quoteGo } from '../../model/index.ts';

// Kinds of token: small integers, so that the parser's switches become jump tables. The order matters: operators, aggregators,
// keywords and preprocessors each form one run.

export const EOF = 0;
export const IDENTIFIER = 1;
/** An identifier with a colon. */
export const METRIC_IDENTIFIER = 2;
export const STRING = 3;
export const NUMBER = 4;
export const DURATION = 5;
/** `$name` */
export const PARAMETER = 6;
export const COMMA = 7;
export const COLON = 8;
export const LEFT_PAREN = 9;
export const RIGHT_PAREN = 10;
export const LEFT_BRACE = 11;
export const RIGHT_BRACE = 12;
export const LEFT_BRACKET = 13;
export const RIGHT_BRACKET = 14;
export const EQL = 15;

export const EQL_REGEX = 16;
export const NEQ_REGEX = 17;
export const AT = 18;
export const ADD = 19;
export const SUB = 20;
export const MUL = 21;
export const DIV = 22;
export const MOD = 23;
export const POW = 24;
export const ATAN2 = 25;
export const EQLC = 26;
export const NEQ = 27;
export const LSS = 28;
export const LTE = 29;
export const GTR = 30;
export const GTE = 31;
export const TRIM_UPPER = 32;
export const TRIM_LOWER = 33;
export const LAND = 34;
export const LOR = 35;
export const LUNLESS = 36;

export const SUM = 37;
export const AVG = 38;
export const COUNT = 39;
export const MIN = 40;
export const MAX = 41;
export const GROUP = 42;
export const STDDEV = 43;
export const STDVAR = 44;
export const TOPK = 45;
export const BOTTOMK = 46;
export const COUNT_VALUES = 47;
export const QUANTILE = 48;
export const LIMITK = 49;
export const LIMIT_RATIO = 50;

export const BOOL = 51;
export const BY = 52;
export const WITHOUT = 53;
export const ON = 54;
export const IGNORING = 55;
export const GROUP_LEFT = 56;
export const GROUP_RIGHT = 57;
export const FILL = 58;
export const FILL_LEFT = 59;
export const FILL_RIGHT = 60;
export const OFFSET = 61;
export const ANCHORED = 62;
export const SMOOTHED = 63;

export const START = 64;
export const END = 65;
export const STEP = 66;
export const RANGE = 67;
export const MAX_OF = 68;
export const MIN_OF = 69;

const COUNT_OF_KINDS = 70;

/** How a kind with one spelling is written, by kind; `''` for the others. */
export const spelling: readonly string[] = [
  ...['', '', '', '', '', '', '', ',', ':', '(', ')', '{', '}', '[', ']', '='],
  ...[
    '=~',
    '!~',
    '@',
    '+',
    '-',
    '*',
    '/',
    '%',
    '^',
    'atan2',
    '==',
    '!=',
    '<',
    '<=',
    '>',
    '>=',
    '</',
    '>/',
    'and',
    'or',
    'unless',
  ],
  ...['sum', 'avg', 'count', 'min', 'max', 'group', 'stddev', 'stdvar', 'topk', 'bottomk', 'count_values', 'quantile'],
  ...['limitk', 'limit_ratio'],
  ...['bool', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'fill', 'fill_left', 'fill_right'],
  ...['offset', 'anchored', 'smoothed'],
  ...['start', 'end', 'step', 'range', 'max_of', 'min_of'],
];

/** Words that are not plain names, in lower case. `inf` and `nan` are numbers. */
export const keywords: ReadonlyMap<string, number> = new Map<string, number>([
  ...spelling.map((word, kind) => [word, kind] as const).filter(([word]) => /^[a-z]/.test(word)),
  ['inf', NUMBER],
  ['nan', NUMBER],
]);

/** The longest of `keywords`. */
export const LONGEST_KEYWORD = 12;

export function isOperator(kind: number): boolean {
  return kind >= EQL_REGEX && kind <= LUNLESS;
}

export function isAggregator(kind: number): boolean {
  return kind >= SUM && kind <= LIMIT_RATIO;
}

function kindsOf(...kinds: (number | readonly [from: number, to: number])[]): Uint8Array {
  const set = new Uint8Array(COUNT_OF_KINDS);
  for (const kind of kinds) {
    if (typeof kind === 'number') set[kind] = 1;
    else set.fill(1, kind[0], kind[1] + 1);
  }
  return set;
}

/** Kinds that may be a metric's name: 1 at their index. */
export const isMetricName: Uint8Array = kindsOf(
  IDENTIFIER,
  METRIC_IDENTIFIER,
  ...[LAND, LOR, LUNLESS, BY, WITHOUT, OFFSET, ANCHORED, SMOOTHED],
  [SUM, LIMIT_RATIO],
  [FILL, FILL_RIGHT],
  [START, MIN_OF],
);

/** Kinds that may be a label's name in `by (…)` and its like: 1 at their index. */
export const isLabelName: Uint8Array = kindsOf(
  IDENTIFIER,
  METRIC_IDENTIFIER,
  ...[ATAN2, LAND, LOR, LUNLESS],
  [SUM, BY],
  // Prometheus leaves out "without".
  [ON, MIN_OF],
);

/** How tightly a binary operator binds, by kind; 0 for what is not one. */
export const precedence: Uint8Array = (() => {
  const table = new Uint8Array(COUNT_OF_KINDS);
  const levels = [
    [LOR],
    [LAND, LUNLESS],
    [EQLC, NEQ, LSS, LTE, GTR, GTE, TRIM_UPPER, TRIM_LOWER],
    [ADD, SUB],
    [MUL, DIV, MOD, ATAN2],
    [POW],
  ];
  levels.forEach((kinds, level) => {
    for (const kind of kinds) table[kind] = level + 1;
  });
  return table;
})();

/** The level of signs: as tight as multiplication, looser than `^`. */
export const SIGN_PRECEDENCE = 5;
export const POW_PRECEDENCE = 6;

const descriptions = new Map([
  [IDENTIFIER, 'identifier'],
  [METRIC_IDENTIFIER, 'metric identifier'],
  [STRING, 'string'],
  [NUMBER, 'number'],
  [DURATION, 'duration'],
  [PARAMETER, 'parameter'],
]);

/** A token as error messages name it: `identifier "foo"`, `<by>`, `<op:+>`, `<aggr:sum>`, `")"`, `end of input`. */
export function describeToken(kind: number, text: string): string {
  if (kind === EOF) return 'end of input';
  if (kind === IDENTIFIER || kind === METRIC_IDENTIFIER) return `${descriptions.get(kind)!} ${quoteGo(text)}`;
  const described = descriptions.get(kind);
  if (described !== undefined) return `${described} ${shortened(text)}`;
  if (kind >= BOOL && kind <= SMOOTHED) return `<${text}>`;
  if (isOperator(kind)) return `<op:${text}>`;
  if (isAggregator(kind)) return `<aggr:${text}>`;
  return shortened(text);
}

function shortened(text: string): string {
  // The limit is in bytes, the part shown in characters.
  if (Buffer.byteLength(text) <= 10) return quoteGo(text);
  return `${quoteGo([...text].slice(0, 10).join(''))}...`;
}
