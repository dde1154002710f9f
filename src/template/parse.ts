import type { BranchNode, CommandNode, ListNode, Node, Operand, PipeNode } from './ast.ts';
import { TemplateError } from './errors.ts';
import { lex, lineOf, type Token, type TokenKind } from './lex.ts';
import { unquoteChar, unquoteString } from './unquote.ts';

/** Deeper nesting than anyone writes; keeps the parser's recursion off the end of the stack. */
const MAX_DEPTH = 500;

/**
 * The templates of a source: its own body under `name`, and what it defines.
 *
 * @param functions names a template may call; an unknown one is an error here, not when it is executed
 * @throws {TemplateError}
 * @see Go `text/template/parse/parse.go`
 */
export function parse(name: string, source: string, functions: (name: string) => boolean): Map<string, ListNode> {
  return new Parser(name, source, functions).parse();
}

class Parser {
  readonly #name: string;
  readonly #source: string;
  readonly #hasFunction: (name: string) => boolean;
  readonly #tokens: readonly Token[];
  readonly #templates = new Map<string, ListNode>();
  #position = 0;
  #depth = 0;
  #rangeDepth = 0;
  /** Variables in scope, innermost last. */
  #variables = ['$'];

  constructor(name: string, source: string, hasFunction: (name: string) => boolean) {
    this.#name = name;
    this.#source = source;
    this.#hasFunction = hasFunction;
    this.#tokens = lex(name, source);
  }

  parse(): Map<string, ListNode> {
    const nodes: Node[] = [];
    while (this.#peek().kind !== 'end') {
      if (this.#peek().kind === 'open' && this.#keywordAfterOpen() === 'define') {
        this.#define();
        continue;
      }
      const node = this.#textOrAction();
      if (typeof node === 'string') this.#fail(`unexpected {{${node}}}`);
      nodes.push(node);
    }
    this.#add(this.#name, { kind: 'list', nodes });
    return this.#templates;
  }

  #define(): void {
    this.#next();
    this.#nextVisible();
    const name = this.#templateName('define clause');
    this.#expect('close', 'define clause');
    const outer = this.#variables;
    this.#variables = ['$'];
    const { list, ended } = this.#list();
    if (ended !== 'end') this.#fail(`unexpected {{${ended}}} in define clause`);
    this.#variables = outer;
    this.#add(name, list);
  }

  /** An empty body does not replace one that says something, as in Go. */
  #add(name: string, list: ListNode): void {
    if (!this.#templates.has(name) || !isEmpty(list)) this.#templates.set(name, list);
  }

  /** Nodes up to `{{end}}` or `{{else}}`, and which it was; for `else` the position is before what follows the word. */
  #list(): { list: ListNode; ended: 'end' | 'else' } {
    if (++this.#depth > MAX_DEPTH) this.#fail(`templates are nested deeper than ${MAX_DEPTH}`);
    const nodes: Node[] = [];
    for (;;) {
      if (this.#peek().kind === 'end') this.#fail('unexpected EOF');
      const node = this.#textOrAction();
      if (typeof node !== 'string') {
        nodes.push(node);
        continue;
      }
      this.#depth--;
      return { list: { kind: 'list', nodes }, ended: node };
    }
  }

  #textOrAction(): Node | 'end' | 'else' {
    const token = this.#next();
    if (token.kind === 'text') return { kind: 'text', text: token.text };
    if (token.kind !== 'open') return this.#unexpected(token, 'input');
    return this.#action(token.at);
  }

  #action(at: number): Node | 'end' | 'else' {
    const token = this.#peekVisible();
    if (token.kind !== 'keyword') {
      const pipe = this.#pipe('command', at);
      this.#expect('close', 'command');
      return { kind: 'action', at, pipe };
    }
    this.#nextVisible();
    switch (token.text) {
      case 'end':
        this.#expect('close', 'end');
        return 'end';
      case 'else':
        return 'else';
      case 'if':
      case 'with':
      case 'range':
        return this.#branch(token.text, at);
      case 'template':
        return this.#template(at);
      case 'block':
        return this.#block(at);
      case 'break':
      case 'continue':
        this.#expect('close', token.text);
        if (this.#rangeDepth === 0) this.#fail(`{{${token.text}}} outside {{range}}`);
        return { kind: token.text, at };
      default:
        return this.#fail(`unexpected {{${token.text}}}`);
    }
  }

  #branch(kind: BranchNode['kind'], at: number): BranchNode {
    const outer = this.#variables.length;
    const pipe = this.#pipe(kind, at);
    this.#expect('close', kind);
    if (kind === 'range') this.#rangeDepth++;
    const { list, ended } = this.#list();
    if (kind === 'range') this.#rangeDepth--;
    const elseList = ended === 'else' ? this.#else(kind) : undefined;
    this.#variables.length = outer;
    return { kind, at, pipe, list, elseList };
  }

  /** After the word `else`: `}}` and a list, or `if …}}` and so on, which is the same as a nested branch. */
  #else(kind: BranchNode['kind']): ListNode {
    const token = this.#peekVisible();
    if (token.kind === 'keyword' && (token.text === 'if' || token.text === 'with') && token.text === kind) {
      this.#nextVisible();
      if (++this.#depth > MAX_DEPTH) this.#fail(`templates are nested deeper than ${MAX_DEPTH}`);
      const nested = this.#branch(token.text, token.at);
      this.#depth--;
      return { kind: 'list', nodes: [nested] };
    }
    this.#expect('close', 'else');
    const { list, ended } = this.#list();
    if (ended !== 'end') this.#fail('expected end; found {{else}}');
    return list;
  }

  #template(at: number): Node {
    const name = this.#templateName('template clause');
    const pipe = this.#peekVisible().kind === 'close' ? undefined : this.#pipe('template clause', at);
    this.#expect('close', 'template clause');
    return { kind: 'template', at, name, pipe };
  }

  #block(at: number): Node {
    const name = this.#templateName('block clause');
    const pipe = this.#pipe('block clause', at);
    this.#expect('close', 'block clause');
    const outer = this.#variables;
    this.#variables = ['$'];
    const { list, ended } = this.#list();
    if (ended !== 'end') this.#fail(`unexpected {{${ended}}} in block clause`);
    this.#variables = outer;
    this.#add(name, list);
    return { kind: 'template', at, name, pipe };
  }

  #templateName(context: string): string {
    const token = this.#nextVisible();
    if (token.kind !== 'string') this.#unexpected(token, context);
    return this.#unquote(token);
  }

  #pipe(context: string, at: number): PipeNode {
    if (++this.#depth > MAX_DEPTH) this.#fail(`pipelines are nested deeper than ${MAX_DEPTH}`);
    const { variables, isAssign } = this.#declarations(context);
    const commands: CommandNode[] = [];
    for (;;) {
      const token = this.#peekVisible();
      if (token.kind === 'close' || (token.kind === 'paren' && token.text === ')')) break;
      commands.push(this.#command(context));
      if (this.#peekVisible().kind !== 'pipe') continue;
      this.#nextVisible();
      const after = this.#peekVisible();
      if (after.kind === 'close' || after.text === ')') this.#fail(`missing value for ${context}`);
    }
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    for (const command of commands.slice(1)) {
      const first = command.args[0]!;
      if (
        first.kind === 'bool' ||
        first.kind === 'dot' ||
        first.kind === 'nil' ||
        first.kind === 'number' ||
        first.kind === 'string'
      ) {
        this.#fail(`non executable command in pipeline stage ${commands.indexOf(command) + 1}`);
      }
    }
    this.#depth--;
    return { kind: 'pipe', at, variables, isAssign, commands };
  }

  /** `$x :=`, `$x =`, and for range `$i, $x :=`. */
  #declarations(context: string): { variables: string[]; isAssign: boolean } {
    const start = this.#position;
    const variables: string[] = [];
    while (this.#peekVisible().kind === 'variable') {
      variables.push(this.#nextVisible().text);
      const token = this.#peekVisible();
      if (token.kind === 'comma' && context === 'range' && variables.length < 2) {
        this.#nextVisible();
        continue;
      }
      if (token.kind !== 'declare' && token.kind !== 'assign') break;
      this.#nextVisible();
      const isAssign = token.kind === 'assign';
      for (const variable of variables) {
        if (!isAssign) this.#variables.push(variable);
        else if (!this.#variables.includes(variable)) this.#fail(`undefined variable "${variable}"`);
      }
      return { variables, isAssign };
    }
    // It was an operand after all.
    this.#position = start;
    return { variables: [], isAssign: false };
  }

  #command(context: string): CommandNode {
    const at = this.#peekVisible().at;
    const args: Operand[] = [];
    for (;;) {
      const token = this.#peekVisible();
      if (token.kind === 'close' || token.kind === 'pipe' || (token.kind === 'paren' && token.text === ')')) break;
      args.push(this.#operand(context));
      const after = this.#peek();
      if (after.kind !== 'space' && after.kind !== 'close' && after.kind !== 'pipe' && after.text !== ')')
        this.#unexpected(after, 'operand');
    }
    if (args.length === 0) this.#fail('empty command');
    return { at, args };
  }

  #operand(context: string): Operand {
    const token = this.#nextVisible();
    const { at } = token;
    switch (token.kind) {
      case 'identifier':
        if (!this.#hasFunction(token.text)) this.#fail(`function ${JSON.stringify(token.text)} not defined`);
        return this.#noFields({ kind: 'identifier', at, name: token.text });
      case 'dot':
        return this.#noFields({ kind: 'dot', at });
      case 'nil':
        return this.#noFields({ kind: 'nil', at });
      case 'bool':
        return this.#noFields({ kind: 'bool', at, value: token.text === 'true' });
      case 'number':
        return this.#noFields({ kind: 'number', at, text: token.text, value: this.#number(token) });
      case 'char':
        return { kind: 'number', at, text: token.text, value: BigInt(this.#char(token)) };
      case 'string':
        return this.#noFields({ kind: 'string', at, quoted: token.text, value: this.#unquote(token) });
      case 'field':
        return { kind: 'field', at, path: [token.text.slice(1), ...this.#fields()] };
      case 'variable':
        if (!this.#variables.includes(token.text)) this.#fail(`undefined variable "${token.text}"`);
        return { kind: 'variable', at, name: token.text, path: this.#fields() };
      case 'paren': {
        if (token.text !== '(') break;
        const node = this.#pipe('parenthesized pipeline', at);
        const close = this.#nextVisible();
        if (close.text !== ')') this.#unexpected(close, 'parenthesized pipeline');
        return { kind: 'chain', at, node, path: this.#fields() };
      }
      default:
    }
    return this.#unexpected(token, context);
  }

  #fields(): string[] {
    const path: string[] = [];
    while (this.#peek().kind === 'field') path.push(this.#next().text.slice(1));
    return path;
  }

  #noFields(operand: Operand): Operand {
    if (this.#peek().kind === 'field')
      this.#fail(`unexpected . after term ${JSON.stringify(this.#tokens[this.#position - 1]!.text)}`);
    return operand;
  }

  #number(token: Token): bigint | number {
    const text = token.text.replaceAll('_', '');
    const sign = text.startsWith('-') ? '-' : '';
    const digits = text.replace(/^[+-]/, '');
    if (/^(0[xXbBoO][0-9a-fA-F]+|0|[1-9]\d*)$/.test(digits)) {
      const value = BigInt(digits);
      return sign === '-' ? -value : value;
    }
    if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`) * (sign === '-' ? -1n : 1n);
    const value = Number(text);
    if (Number.isNaN(value)) this.#fail(`illegal number syntax: ${JSON.stringify(token.text)}`);
    return value;
  }

  #char(token: Token): number {
    return unquoteChar(token.text) ?? this.#fail(`malformed character constant: ${token.text}`);
  }

  #unquote(token: Token): string {
    return unquoteString(token.text) ?? this.#fail('invalid syntax');
  }

  #keywordAfterOpen(): string {
    let at = this.#position + 1;
    while (this.#tokens[at]!.kind === 'space') at++;
    const token = this.#tokens[at]!;
    return token.kind === 'keyword' ? token.text : '';
  }

  #expect(kind: TokenKind, context: string): void {
    const token = this.#nextVisible();
    if (token.kind !== kind) this.#unexpected(token, context);
  }

  #next(): Token {
    const token = this.#tokens[this.#position]!;
    if (token.kind !== 'end') this.#position++;
    return token;
  }

  #peek(): Token {
    return this.#tokens[this.#position]!;
  }

  #nextVisible(): Token {
    this.#skipSpace();
    return this.#next();
  }

  #peekVisible(): Token {
    this.#skipSpace();
    return this.#peek();
  }

  #skipSpace(): void {
    while (this.#peek().kind === 'space') this.#position++;
  }

  #unexpected(token: Token, context: string): never {
    const what =
      token.kind === 'end' ? 'EOF' : token.kind === 'keyword' ? `<${token.text}>` : JSON.stringify(token.text);
    this.#fail(`unexpected ${what} in ${context}`);
  }

  #fail(message: string): never {
    const at = this.#tokens[Math.max(0, this.#position - 1)]!.at;
    throw new TemplateError(`template: ${this.#name}:${lineOf(this.#source, at)}: ${message}`);
  }
}

function isEmpty(list: ListNode): boolean {
  return list.nodes.every((node) => node.kind === 'text' && node.text.trim() === '');
}
