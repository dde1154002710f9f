/**
 * Assembles WebAssembly text into a module: the folded part of the text format, with what the kernels here need of it.
 *
 * Two liberties make long formulas readable: a bare `$name` where a value is expected is `(local.get $name)`, a bare number is
 * `(i32.const …)`. Types are not checked; the engine does that when the module is compiled.
 *
 * ```wat
 * (import "host" "memory" (memory 1))
 * (global $state (mut i32) (i32.const 0))
 * (func $twice (export "twice") (param $x i32) (result i32) (i32.add $x $x))
 * ```
 *
 * @see WebAssembly core specification 2.0, sections 5 (binary format) and 6 (text format)
 */
export function assembleWat(text: string): Uint8Array<ArrayBuffer> {
  const [forms, end] = parseForms(tokenize(text), 0);
  if (end !== -1) throw new SyntaxError('Unbalanced parentheses in WebAssembly text');
  return new Assembler().assemble(forms);
}

type Form = string | readonly Form[];

function tokenize(text: string): string[] {
  // Comments begin with two semicolons; strings hold no spaces or parentheses here.
  return text.replace(/;;[^\n]*/g, '').match(/[()]|[^\s()]+/g) ?? [];
}

/** Forms up to a closing parenthesis, and the position behind it; -1 at the end of the text. */
function parseForms(tokens: readonly string[], from: number): [Form[], number] {
  const forms: Form[] = [];
  for (let at = from; at < tokens.length;) {
    const token = tokens[at];
    if (token === ')') return [forms, at + 1];
    if (token === '(') {
      const [inner, next] = parseForms(tokens, at + 1);
      if (next === -1) throw new SyntaxError('Unbalanced parentheses in WebAssembly text');
      forms.push(inner);
      at = next;
    } else {
      forms.push(token);
      at++;
    }
  }
  return [forms, -1];
}

const TYPES: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const NO_RESULT = 0x40;

/** Loads and stores: opcode and natural alignment as a power of two. */
const MEMORY: Readonly<Record<string, readonly [number, number]>> = {
  'i32.load': [0x28, 2],
  'i64.load': [0x29, 3],
  'f64.load': [0x2b, 3],
  'i32.load8_s': [0x2c, 0],
  'i32.load8_u': [0x2d, 0],
  'i32.load16_s': [0x2e, 1],
  'i32.load16_u': [0x2f, 1],
  'i64.load8_u': [0x31, 0],
  'i64.load32_u': [0x35, 2],
  'i32.store': [0x36, 2],
  'i64.store': [0x37, 3],
  'f64.store': [0x39, 3],
  'i32.store8': [0x3a, 0],
  'i32.store16': [0x3b, 1],
  'i64.store8': [0x3c, 0],
  'i64.store32': [0x3e, 2],
};

const PLAIN: Readonly<Record<string, number>> = {
  unreachable: 0x00,
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  'i32.eqz': 0x45,
  'i32.eq': 0x46,
  'i32.ne': 0x47,
  'i32.lt_s': 0x48,
  'i32.lt_u': 0x49,
  'i32.gt_s': 0x4a,
  'i32.gt_u': 0x4b,
  'i32.le_s': 0x4c,
  'i32.le_u': 0x4d,
  'i32.ge_s': 0x4e,
  'i32.ge_u': 0x4f,
  'i64.eqz': 0x50,
  'i64.eq': 0x51,
  'i64.ne': 0x52,
  'i64.lt_s': 0x53,
  'i64.lt_u': 0x54,
  'i64.gt_s': 0x55,
  'i64.gt_u': 0x56,
  'i64.le_s': 0x57,
  'i64.le_u': 0x58,
  'i64.ge_s': 0x59,
  'i64.ge_u': 0x5a,
  'f64.eq': 0x61,
  'f64.ne': 0x62,
  'f64.lt': 0x63,
  'f64.gt': 0x64,
  'f64.le': 0x65,
  'f64.ge': 0x66,
  'i32.clz': 0x67,
  'i32.ctz': 0x68,
  'i32.add': 0x6a,
  'i32.sub': 0x6b,
  'i32.mul': 0x6c,
  'i32.div_u': 0x6e,
  'i32.rem_u': 0x70,
  'i32.and': 0x71,
  'i32.or': 0x72,
  'i32.xor': 0x73,
  'i32.shl': 0x74,
  'i32.shr_s': 0x75,
  'i32.shr_u': 0x76,
  'i64.clz': 0x79,
  'i64.ctz': 0x7a,
  'i64.add': 0x7c,
  'i64.sub': 0x7d,
  'i64.mul': 0x7e,
  'i64.and': 0x83,
  'i64.or': 0x84,
  'i64.xor': 0x85,
  'i64.shl': 0x86,
  'i64.shr_s': 0x87,
  'i64.shr_u': 0x88,
  'i64.rotl': 0x89,
  'f64.add': 0xa0,
  'f64.sub': 0xa1,
  'f64.mul': 0xa2,
  'f64.div': 0xa3,
  'f64.min': 0xa4,
  'f64.max': 0xa5,
  'i32.wrap_i64': 0xa7,
  'i64.extend_i32_s': 0xac,
  'i64.extend_i32_u': 0xad,
  'i64.trunc_f64_s': 0xb0,
  'f64.convert_i64_s': 0xb9,
  'i64.reinterpret_f64': 0xbd,
  'f64.reinterpret_i64': 0xbf,
};

interface Signature {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

class Assembler {
  readonly #types: Signature[] = [];
  readonly #imports: number[][] = [];
  readonly #functions = new Map<string, number>();
  readonly #functionTypes: number[] = [];
  readonly #globals = new Map<string, number>();
  readonly #globalBytes: number[][] = [];
  readonly #exports: number[][] = [];
  readonly #bodies: number[][] = [];

  assemble(forms: readonly Form[]): Uint8Array<ArrayBuffer> {
    const functions: (readonly Form[])[] = [];
    for (const form of forms) {
      const [head] = list(form);
      if (head === 'import') this.#import(list(form));
      else if (head === 'global') this.#global(list(form));
      else if (head === 'func') {
        const name = atom(list(form)[1]);
        this.#functions.set(name, functions.length);
        functions.push(list(form));
      } else throw new SyntaxError(`Unknown part of a module: ${show(form)}`);
    }
    functions.forEach((form, index) => {
      this.#function(form, index);
    });
    const types = this.#types.map(({ params, results }) => [0x60, ...vector(params), ...vector(results)]);
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, concat(types)),
      ...section(2, concat(this.#imports)),
      ...section(3, vector(this.#functionTypes)),
      ...section(6, concat(this.#globalBytes)),
      ...section(7, concat(this.#exports)),
      ...section(10, concat(this.#bodies)),
    ]);
  }

  /** `(import "module" "name" (memory min [max shared]))`: memories are all that is imported. */
  #import([, module, name, what]: readonly Form[]): void {
    const [kind, min, max, shared] = list(what);
    if (kind !== 'memory') throw new SyntaxError(`Cannot import ${show(what)}`);
    const limits =
      max === undefined
        ? [0x00, ...unsigned(Number(min))]
        : [shared === 'shared' ? 0x03 : 0x01, ...unsigned(Number(min)), ...unsigned(Number(max))];
    this.#imports.push([...text(atom(module)), ...text(atom(name)), 0x02, ...limits]);
  }

  /** `(global $name (mut type) (type.const n))` */
  #global([, name, type, value]: readonly Form[]): void {
    const isMutable = typeof type !== 'string';
    const valueType = TYPES[isMutable ? atom(type[1]) : type];
    this.#globals.set(atom(name), this.#globals.size);
    const body = new FunctionBody(this.#functions, this.#globals, new Map());
    body.expression(value);
    this.#globalBytes.push([valueType, isMutable ? 1 : 0, ...body.bytes, 0x0b]);
  }

  /** `(func $name (export "name") (param $x type) … (result type) (local $y type …) instruction …)` */
  #function(form: readonly Form[], index: number): void {
    const params: number[] = [];
    const results: number[] = [];
    const locals = new Map<string, number>();
    const localTypes: number[] = [];
    let at = 2;
    for (; at < form.length; at++) {
      const [head, ...rest] = list(form[at]);
      if (head === 'export') this.#exports.push([...text(atom(rest[0])), 0x00, ...unsigned(index)]);
      else if (head === 'param') {
        locals.set(atom(rest[0]), locals.size);
        params.push(TYPES[atom(rest[1])]);
      } else if (head === 'result') results.push(TYPES[atom(rest[0])]);
      else if (head === 'local') {
        const type = TYPES[atom(rest[rest.length - 1])];
        for (const name of rest.slice(0, -1)) {
          locals.set(atom(name), locals.size);
          localTypes.push(type);
        }
      } else break;
    }
    const body = new FunctionBody(this.#functions, this.#globals, locals);
    for (const instruction of form.slice(at)) body.expression(instruction);
    const declared = localTypes.flatMap((type) => [1, type]);
    const bytes = [...unsigned(localTypes.length), ...declared, ...body.bytes, 0x0b];
    this.#bodies.push([...unsigned(bytes.length), ...bytes]);
    this.#functionTypes.push(this.#type({ params, results }));
  }

  #type(signature: Signature): number {
    const same = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((v, i) => v === b[i]);
    const known = this.#types.findIndex(
      ({ params, results }) => same(params, signature.params) && same(results, signature.results),
    );
    return known >= 0 ? known : this.#types.push(signature) - 1;
  }
}

/** The code of one function, or of a global's initial value. */
class FunctionBody {
  readonly bytes: number[] = [];
  readonly #functions: ReadonlyMap<string, number>;
  readonly #globals: ReadonlyMap<string, number>;
  readonly #locals: ReadonlyMap<string, number>;
  /** Labels of the blocks around, innermost last. */
  readonly #labels: string[] = [];

  constructor(
    functions: ReadonlyMap<string, number>,
    globals: ReadonlyMap<string, number>,
    locals: ReadonlyMap<string, number>,
  ) {
    this.#functions = functions;
    this.#globals = globals;
    this.#locals = locals;
  }

  expression(form: Form): void {
    const { bytes } = this;
    if (typeof form === 'string') {
      if (form.startsWith('$')) bytes.push(0x20, ...this.#index(this.#locals, form));
      else bytes.push(0x41, ...signed(BigInt.asIntN(32, integer(form))));
      return;
    }
    const [head, ...rest] = form;
    const name = atom(head);
    switch (name) {
      case 'i32.const':
        bytes.push(0x41, ...signed(BigInt.asIntN(32, integer(atom(rest[0])))));
        return;
      case 'i64.const':
        bytes.push(0x42, ...signed(BigInt.asIntN(64, integer(atom(rest[0])))));
        return;
      case 'f64.const':
        bytes.push(0x44, ...new Uint8Array(Float64Array.of(Number(atom(rest[0]))).buffer));
        return;
      case 'local.get':
        bytes.push(0x20, ...this.#index(this.#locals, atom(rest[0])));
        return;
      case 'local.set':
      case 'local.tee':
        this.expression(rest[1]);
        bytes.push(name === 'local.set' ? 0x21 : 0x22, ...this.#index(this.#locals, atom(rest[0])));
        return;
      case 'global.get':
        bytes.push(0x23, ...this.#index(this.#globals, atom(rest[0])));
        return;
      case 'global.set':
        this.expression(rest[1]);
        bytes.push(0x24, ...this.#index(this.#globals, atom(rest[0])));
        return;
      case 'call':
        for (const argument of rest.slice(1)) this.expression(argument);
        bytes.push(0x10, ...this.#index(this.#functions, atom(rest[0])));
        return;
      case 'br':
      case 'br_if':
        for (const argument of rest.slice(1)) this.expression(argument);
        bytes.push(name === 'br' ? 0x0c : 0x0d, ...unsigned(this.#depth(atom(rest[0]))));
        return;
      case 'block':
      case 'loop':
        this.#block(name === 'block' ? 0x02 : 0x03, rest);
        return;
      case 'if':
        this.#if(rest);
        return;
      case 'memory.copy':
      case 'memory.fill':
        for (const argument of rest) this.expression(argument);
        bytes.push(0xfc, ...(name === 'memory.copy' ? [10, 0, 0] : [11, 0]));
        return;
    }
    const memory = MEMORY[name];
    if (memory !== undefined) {
      let offset = 0;
      for (const argument of rest) {
        const given = typeof argument === 'string' ? /^offset=(\d+)$/.exec(argument) : null;
        if (given !== null) offset = Number(given[1]);
        else this.expression(argument);
      }
      // Alignment is a hint only, and nothing here is aligned for certain.
      bytes.push(memory[0], 0, ...unsigned(offset));
      return;
    }
    const plain = PLAIN[name];
    if (plain === undefined) throw new SyntaxError(`Unknown instruction ${name}`);
    for (const argument of rest) this.expression(argument);
    bytes.push(plain);
  }

  /** `[$label] [(result type)] instruction …` */
  #block(opcode: number, parts: readonly Form[]): void {
    const [label, result, from] = blockHead(parts);
    this.bytes.push(opcode, result);
    this.#labels.push(label);
    for (const instruction of parts.slice(from)) this.expression(instruction);
    this.#labels.pop();
    this.bytes.push(0x0b);
  }

  /** `[(result type)] condition (then …) [(else …)]` */
  #if(parts: readonly Form[]): void {
    const [label, result, from] = blockHead(parts);
    this.expression(parts[from]);
    this.bytes.push(0x04, result);
    this.#labels.push(label);
    for (const instruction of list(parts[from + 1]).slice(1)) this.expression(instruction);
    if (parts.length > from + 2) {
      this.bytes.push(0x05);
      for (const instruction of list(parts[from + 2]).slice(1)) this.expression(instruction);
    }
    this.#labels.pop();
    this.bytes.push(0x0b);
  }

  #depth(label: string): number {
    const at = this.#labels.lastIndexOf(label);
    if (at < 0) throw new SyntaxError(`Unknown label ${label}`);
    return this.#labels.length - 1 - at;
  }

  #index(names: ReadonlyMap<string, number>, name: string): number[] {
    const index = names.get(name);
    if (index === undefined) throw new SyntaxError(`Unknown name ${name}`);
    return unsigned(index);
  }
}

/** Label, result type and where the instructions of a block begin. */
function blockHead(parts: readonly Form[]): [label: string, result: number, from: number] {
  let from = 0;
  let label = '';
  let result = NO_RESULT;
  const [first] = parts;
  if (typeof first === 'string' && first.startsWith('$')) {
    label = first;
    from++;
  }
  const typed = parts[from];
  if (typeof typed !== 'string' && typed?.[0] === 'result') {
    result = TYPES[atom(typed[1])];
    from++;
  }
  return [label, result, from];
}

function integer(token: string): bigint {
  const isNegative = token.startsWith('-');
  const value = BigInt(isNegative ? token.slice(1) : token);
  return isNegative ? -value : value;
}

function atom(form: Form | undefined): string {
  if (typeof form !== 'string') throw new SyntaxError(`Expected a word, found ${show(form)}`);
  return form;
}

function list(form: Form | undefined): readonly Form[] {
  if (typeof form === 'string' || form === undefined) throw new SyntaxError(`Expected a list, found ${show(form)}`);
  return form;
}

function show(form: Form | undefined): string {
  return JSON.stringify(form) ?? 'nothing';
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 0x80);
  }
}

/** A name in quotes. */
function text(quoted: string): number[] {
  return vector([...new TextEncoder().encode(quoted.slice(1, -1))]);
}

function vector(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function concat(entries: readonly (readonly number[])[]): number[] {
  return entries.length === 0 ? [] : [...unsigned(entries.length), ...entries.flat()];
}

function section(id: number, content: readonly number[]): number[] {
  return content.length === 0 ? [] : [id, ...unsigned(content.length), ...content];
}
