import { formatFloat } from './float-format.ts';
import { fieldsOf, SafeHtml, sortedKeys, typeName, type Value } from './value.ts';

/** Wider than anything a message needs: a width from outside must not allocate at will. */
const MAX_WIDTH = 10_000;

interface Flags {
  plus: boolean;
  minus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  width: number | undefined;
  precision: number | undefined;
}

/** A value as Go's `%v` prints it. */
export function printValue(value: Value): string {
  return print(value, 'v', noFlags(), 0);
}

/** Go's `fmt.Sprint`: operands one after the other, with a space between two that are both not strings. */
export function sprint(values: readonly Value[]): string {
  let text = '';
  values.forEach((value, i) => {
    if (i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string') text += ' ';
    text += printValue(value);
  });
  return text;
}

/** Go's `fmt.Sprintln`: operands with spaces between them, and a newline. */
export function sprintln(values: readonly Value[]): string {
  return `${values.map(printValue).join(' ')}\n`;
}

/**
 * Go's `fmt.Sprintf`, its verbs, flags, `*` and argument indexes; mistakes show in the text as Go shows them, `%!d(string=x)`.
 *
 * @see Go `fmt/print.go`
 */
export function sprintf(format: string, args: readonly Value[]): string {
  let text = '';
  let next = 0;
  let reordered = false;
  for (let at = 0; at < format.length;) {
    const percent = format.indexOf('%', at);
    if (percent < 0) return text + format.slice(at) + extra(args, next, reordered);
    text += format.slice(at, percent);
    at = percent + 1;
    const flags = noFlags();
    for (; at < format.length; at++) {
      const c = format[at]!;
      if (c === '+') flags.plus = true;
      else if (c === '-') flags.minus = true;
      else if (c === '#') flags.sharp = true;
      else if (c === ' ') flags.space = true;
      else if (c === '0') flags.zero = true;
      else break;
    }
    let badIndex = false;
    const index = () => {
      const match = /^\[(\d{1,6})\]/.exec(format.slice(at, at + 9));
      if (match === null) return;
      reordered = true;
      at += match[0].length;
      const wanted = Number(match[1]) - 1;
      if (wanted < 0 || wanted >= args.length) badIndex = true;
      else next = wanted;
    };
    const measure = (): number | undefined => {
      index();
      if (format[at] === '*') {
        at++;
        const value = args[next++];
        if (typeof value === 'bigint' && value <= BigInt(MAX_WIDTH) && value >= BigInt(-MAX_WIDTH))
          return Number(value);
        text += '%!(BADWIDTH)';
        return undefined;
      }
      const digits = /^\d{1,5}/.exec(format.slice(at, at + 5))?.[0];
      if (digits === undefined) return undefined;
      at += digits.length;
      return Math.min(Number(digits), MAX_WIDTH);
    };
    flags.width = measure();
    if (flags.width !== undefined && flags.width < 0) {
      flags.width = -flags.width;
      flags.minus = true;
    }
    if (format[at] === '.') {
      at++;
      flags.precision = Math.max(measure() ?? 0, 0);
    }
    index();
    if (flags.minus) flags.zero = false;
    if (at >= format.length) return `${text}%!(NOVERB)${extra(args, next, reordered)}`;
    const verb = String.fromCodePoint(format.codePointAt(at)!);
    at += verb.length;
    if (verb === '%') text += '%';
    else if (badIndex) text += `%!${verb}(BADINDEX)`;
    else if (next >= args.length) text += `%!${verb}(MISSING)`;
    else text += print(args[next++], verb, flags, 0);
  }
  return text + extra(args, next, reordered);
}

function extra(args: readonly Value[], next: number, reordered: boolean): string {
  if (reordered || next >= args.length) return '';
  const rest = args
    .slice(next)
    .map((value) => (value === undefined || value === null ? '<nil>' : `${typeName(value)}=${printValue(value)}`));
  return `%!(EXTRA ${rest.join(', ')})`;
}

function noFlags(): Flags {
  return { plus: false, minus: false, sharp: false, space: false, zero: false, width: undefined, precision: undefined };
}

/** Deeper values than any template's data; cuts a value that holds itself. */
const MAX_DEPTH = 50;

function print(value: Value, verb: string, flags: Flags, depth: number): string {
  if (verb === 'T') return pad(typeName(value), flags);
  if (value === undefined || value === null) return verb === 'v' ? pad('<nil>', flags) : `%!${verb}(<nil>)`;
  if (depth > MAX_DEPTH) return '...';
  switch (typeof value) {
    case 'boolean':
      return verb === 'v' || verb === 't' ? pad(String(value), flags) : bad(value, verb);
    case 'bigint':
      return printInt(value, verb, flags);
    case 'number':
      return printFloat(value, verb, flags);
    case 'string':
      return printString(value, verb, flags);
    case 'function':
      return bad(value, verb);
    default:
  }
  if (value instanceof SafeHtml) return printString(value.html, verb, flags);
  if (value instanceof Error) return printString(value.message, verb, flags);
  const inner = (item: Value) => print(item, verb, flags, depth + 1);
  if (Array.isArray(value)) return `[${value.map(inner).join(' ')}]`;
  if (value instanceof Map) {
    return `map[${sortedKeys(value)
      .map((key) => `${print(key, 'v', noFlags(), depth + 1)}:${inner(value.get(key))}`)
      .join(' ')}]`;
  }
  if (value.toString !== Object.prototype.toString)
    return printString((value as { toString(): string }).toString(), verb, flags);
  const fields = fieldsOf(value);
  return `{${fields.map(([name, field]) => (flags.plus ? `${name}:${inner(field)}` : inner(field))).join(' ')}}`;
}

function bad(value: Value, verb: string): string {
  return `%!${verb}(${typeName(value)}=${printValue(value)})`;
}

function printInt(value: bigint, verb: string, flags: Flags): string {
  const size = value < 0n ? -value : value;
  const integer = (digits: string, prefix: string) => {
    let text = digits;
    if (flags.precision !== undefined)
      text = flags.precision === 0 && value === 0n ? '' : text.padStart(flags.precision, '0');
    const sign = value < 0n ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
    return padNumber(sign + (flags.sharp || verb === 'O' ? prefix : ''), text, flags, flags.precision === undefined);
  };
  switch (verb) {
    case 'v':
    case 'd':
      return integer(String(size), '');
    case 'b':
      return integer(size.toString(2), '0b');
    case 'o':
      return integer(size.toString(8), '0');
    case 'O':
      return integer(size.toString(8), '0o');
    case 'x':
      return integer(size.toString(16), '0x');
    case 'X':
      return integer(size.toString(16).toUpperCase(), '0X');
    case 'c':
      return pad(rune(value), flags);
    case 'q':
      return pad(`'${rune(value)}'`, flags);
    case 'U':
      return pad(`U+${size.toString(16).toUpperCase().padStart(4, '0')}`, flags);
    default:
      return bad(value, verb);
  }
}

function rune(value: bigint): string {
  return value >= 0n && value <= 0x10ffffn ? String.fromCodePoint(Number(value)) : '\ufffd';
}

function printFloat(value: number, verb: string, flags: Flags): string {
  const kind = verb === 'v' ? 'g' : verb.toLowerCase();
  if (kind !== 'e' && kind !== 'f' && kind !== 'g') return bad(value, verb);
  if (verb === 'F') return printFloat(value, 'f', flags);
  const precision = flags.precision ?? (kind === 'g' ? -1 : 6);
  let text = formatFloat(value, kind, precision);
  if (verb === 'E' || verb === 'G') text = text.toUpperCase().replace('INF', 'Inf').replace('NAN', 'NaN');
  const isFinite = Number.isFinite(value);
  let sign = '';
  if (text.startsWith('-') || text.startsWith('+')) {
    sign = text.startsWith('+') && !flags.plus ? (flags.space ? ' ' : '+') : text[0]!;
    text = text.slice(1);
  } else if (flags.plus) sign = '+';
  else if (flags.space) sign = ' ';
  return padNumber(sign, text, flags, isFinite);
}

function printString(text: string, verb: string, flags: Flags): string {
  const cut = flags.precision === undefined ? text : [...text].slice(0, flags.precision).join('');
  switch (verb) {
    case 'v':
      return pad(flags.sharp ? JSON.stringify(text) : cut, flags);
    case 's':
      return pad(cut, flags);
    case 'q':
      return pad(flags.sharp && !cut.includes('`') ? `\`${cut}\`` : JSON.stringify(cut), flags);
    case 'x':
      return pad(Buffer.from(cut).toString('hex'), flags);
    case 'X':
      return pad(Buffer.from(cut).toString('hex').toUpperCase(), flags);
    default:
      return `%!${verb}(string=${text})`;
  }
}

function pad(text: string, flags: Flags): string {
  const missing = (flags.width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (flags.minus) return text + ' '.repeat(missing);
  return (flags.zero ? '0' : ' ').repeat(missing) + text;
}

/** Zeros go between the sign and the digits. */
function padNumber(sign: string, digits: string, flags: Flags, zeros: boolean): string {
  const missing = (flags.width ?? 0) - sign.length - digits.length;
  if (missing > 0 && flags.zero && zeros) return sign + '0'.repeat(missing) + digits;
  return pad(sign + digits, { ...flags, zero: false });
}
