import {
  printOperand,
  printPipe,
  type BranchNode,
  type CommandNode,
  type ListNode,
  type Operand,
  type PipeNode,
} from './ast.ts';
import { builtins, type TemplateFunction } from './builtins.ts';
import { TemplateError } from './errors.ts';
import { lineOf } from './lex.ts';
import { printValue } from './printf.ts';
import { isTruthy, sortedKeys, StringMap, typeName, type Value } from './value.ts';

export interface ExecuteOptions {
  readonly name: string;
  readonly source: string;
  readonly templates: ReadonlyMap<string, ListNode>;
  readonly functions: ReadonlyMap<string, TemplateFunction>;
  /** Escapes what an action prints; absent: printed as it is. */
  readonly escape?: ((value: Value) => string) | undefined;
  /** Most UTF-16 units of output. */
  readonly maxOutput: number;
}

/** Templates that invoke each other deeper than this are a loop. */
const MAX_INVOCATIONS = 200;

/**
 * The text a template gives for `data`.
 *
 * @throws {TemplateError} with the template, line and column, and the expression that failed
 * @see Go `text/template/exec.go`
 */
export async function execute(options: ExecuteOptions, template: string, data: Value): Promise<string> {
  const list = options.templates.get(template);
  if (list === undefined)
    throw new TemplateError(
      `template: no template ${JSON.stringify(template)} associated with template ${JSON.stringify(options.name)}`,
    );
  const run = new Execution(options, template);
  await run.list(list, data, [['$', data]], 0);
  return run.text;
}

type Scope = [name: string, value: Value][];
type Flow = 'break' | 'continue' | undefined;

class Execution {
  text = '';
  readonly #options: ExecuteOptions;
  #template: string;

  constructor(options: ExecuteOptions, template: string) {
    this.#options = options;
    this.#template = template;
  }

  async list(list: ListNode, dot: Value, scope: Scope, depth: number): Promise<Flow> {
    for (const node of list.nodes) {
      switch (node.kind) {
        case 'text':
          this.#write(node.text);
          break;
        case 'action': {
          const value = await this.#pipe(node.pipe, dot, scope);
          if (node.pipe.variables.length === 0) this.#print(value);
          break;
        }
        case 'if':
        case 'with':
        case 'range': {
          const mark = scope.length;
          const flow =
            node.kind === 'range'
              ? await this.#range(node, dot, scope, depth)
              : await this.#branch(node, dot, scope, depth);
          scope.length = mark;
          if (flow !== undefined) return flow;
          break;
        }
        case 'template':
          await this.#invoke(node.name, node.at, node.pipe, dot, scope, depth);
          break;
        case 'break':
        case 'continue':
          return node.kind;
      }
    }
    return undefined;
  }

  async #branch(node: BranchNode, dot: Value, scope: Scope, depth: number): Promise<Flow> {
    const value = await this.#pipe(node.pipe, dot, scope);
    if (isTruthy(value)) return this.list(node.list, node.kind === 'with' ? value : dot, scope, depth);
    return node.elseList === undefined ? undefined : this.list(node.elseList, dot, scope, depth);
  }

  async #range(node: BranchNode, dot: Value, scope: Scope, depth: number): Promise<Flow> {
    // The variables are set for each element, not to the whole.
    const value = await this.#pipe({ ...node.pipe, variables: [] }, dot, scope);
    const { variables, isAssign } = node.pipe;
    let isEmpty = true;
    for (const [key, element] of this.#elements(value, node)) {
      isEmpty = false;
      const mark = scope.length;
      const [first, second] = variables;
      const set = (name: string, to: Value) => {
        if (isAssign) assign(scope, name, to);
        else scope.push([name, to]);
      };
      if (second !== undefined) set(first!, key);
      if (first !== undefined) set(second ?? first, element);
      const flow = await this.list(node.list, element, scope, depth);
      scope.length = mark;
      if (flow === 'break') break;
    }
    if (isEmpty && node.elseList !== undefined) return this.list(node.elseList, dot, scope, depth);
    return undefined;
  }

  *#elements(value: Value, node: BranchNode): Iterable<[key: Value, element: Value]> {
    if (value === undefined || value === null) return;
    if (typeof value === 'bigint') {
      for (let i = 0n; i < value; i++) yield [i, i];
    } else if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) yield [BigInt(i), value[i]];
    } else if (value instanceof Map) {
      for (const key of sortedKeys(value)) yield [key, value.get(key)];
    } else {
      this.#fail(node.at, printPipe(node.pipe), `range can't iterate over ${printValue(value)}`);
    }
  }

  async #invoke(
    name: string,
    at: number,
    pipe: PipeNode | undefined,
    dot: Value,
    scope: Scope,
    depth: number,
  ): Promise<void> {
    const list = this.#options.templates.get(name);
    if (list === undefined)
      this.#fail(at, `{{template ${JSON.stringify(name)}}}`, `template ${JSON.stringify(name)} not defined`);
    if (depth >= MAX_INVOCATIONS)
      this.#fail(at, `{{template ${JSON.stringify(name)}}}`, `exceeded maximum template depth (${MAX_INVOCATIONS})`);
    const data = pipe === undefined ? undefined : await this.#pipe(pipe, dot, scope);
    const caller = this.#template;
    this.#template = name;
    await this.list(list, data, [['$', data]], depth + 1);
    this.#template = caller;
  }

  async #pipe(pipe: PipeNode, dot: Value, scope: Scope): Promise<Value> {
    let value: Value = undefined;
    for (const [i, command] of pipe.commands.entries()) {
      value = await this.#command(command, dot, scope, i === 0 ? [] : [value]);
    }
    for (const name of pipe.variables) {
      if (pipe.isAssign) assign(scope, name, value);
      else scope.push([name, value]);
    }
    return value;
  }

  async #command(command: CommandNode, dot: Value, scope: Scope, piped: readonly Value[]): Promise<Value> {
    const [head, ...rest] = command.args as [Operand, ...Operand[]];
    if (head.kind === 'identifier') return this.#callFunction(head, rest, dot, scope, piped);
    if (head.kind === 'nil') this.#fail(head.at, 'nil', 'nil is not a command');
    if (head.kind === 'field' || head.kind === 'variable' || head.kind === 'chain') {
      const args = async () => [...(await this.#operands(rest, dot, scope)), ...piped];
      return this.#fieldChain(head, dot, scope, rest.length > 0 || piped.length > 0 ? args : undefined);
    }
    if (rest.length > 0 || piped.length > 0)
      this.#fail(head.at, printOperand(head), `can't give argument to non-function ${printOperand(head)}`);
    return this.#operand(head, dot, scope);
  }

  async #callFunction(
    head: Operand & { kind: 'identifier' },
    rest: readonly Operand[],
    dot: Value,
    scope: Scope,
    piped: readonly Value[],
  ): Promise<Value> {
    if (head.name === 'and' || head.name === 'or') return this.#shortCircuit(head.name, head, rest, dot, scope, piped);
    const fn = this.#options.functions.get(head.name) ?? builtins.get(head.name);
    if (fn === undefined) this.#fail(head.at, head.name, `${JSON.stringify(head.name)} is not a defined function`);
    const args = [...(await this.#operands(rest, dot, scope)), ...piped];
    if (args.length < fn.length)
      this.#fail(
        head.at,
        head.name,
        `wrong number of args for ${head.name}: want at least ${fn.length} got ${args.length}`,
      );
    try {
      return await fn(...args);
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      return this.#fail(
        head.at,
        [head, ...rest].map(printOperand).join(' '),
        `error calling ${head.name}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  async #shortCircuit(
    name: 'and' | 'or',
    head: Operand,
    rest: readonly Operand[],
    dot: Value,
    scope: Scope,
    piped: readonly Value[],
  ): Promise<Value> {
    if (rest.length + piped.length === 0)
      this.#fail(head.at, name, `wrong number of args for ${name}: want at least 1 got 0`);
    let value: Value = undefined;
    for (const operand of rest) {
      value = await this.#operand(operand, dot, scope);
      if (isTruthy(value) === (name === 'or')) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  async #operands(operands: readonly Operand[], dot: Value, scope: Scope): Promise<Value[]> {
    const values: Value[] = [];
    for (const operand of operands) values.push(await this.#operand(operand, dot, scope));
    return values;
  }

  async #operand(operand: Operand, dot: Value, scope: Scope): Promise<Value> {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'bool':
      case 'number':
      case 'string':
        return operand.value;
      case 'identifier':
        return this.#callFunction(operand, [], dot, scope, []);
      case 'field':
      case 'variable':
      case 'chain':
        return this.#fieldChain(operand, dot, scope, undefined);
    }
  }

  async #fieldChain(
    operand: Operand & { kind: 'field' | 'variable' | 'chain' },
    dot: Value,
    scope: Scope,
    args: (() => Promise<Value[]>) | undefined,
  ): Promise<Value> {
    let value: Value;
    if (operand.kind === 'field') value = dot;
    else if (operand.kind === 'variable') value = lookup(scope, operand.name);
    else value = await this.#pipe(operand.node, dot, [...scope]);
    const last = operand.path.length - 1;
    if (last < 0 && args !== undefined)
      this.#fail(operand.at, printOperand(operand), `can't give argument to non-function ${printOperand(operand)}`);
    for (const [i, name] of operand.path.entries())
      value = await this.#field(operand, value, name, i === last ? args : undefined);
    return value;
  }

  async #field(
    operand: Operand,
    value: Value,
    name: string,
    args: (() => Promise<Value[]>) | undefined,
  ): Promise<Value> {
    if (value === undefined || value === null) {
      return this.#fail(operand.at, printOperand(operand), `nil data; no entry for key ${JSON.stringify(name)}`);
    }
    if (value instanceof Map && !hasMethod(value, name)) {
      if (args !== undefined)
        this.#fail(operand.at, printOperand(operand), `${name} is not a method but has arguments`);
      return (value.get(name) as Value) ?? (value instanceof StringMap ? '' : undefined);
    }
    // Own fields, and methods of a class made for templates; never what every JavaScript object inherits.
    if (typeof value === 'object' && (Object.hasOwn(value, name) || hasMethod(value, name))) {
      const member = (value as Record<string, Value>)[name];
      if (typeof member !== 'function') {
        if (args !== undefined)
          this.#fail(operand.at, printOperand(operand), `${name} has arguments but cannot be invoked as function`);
        return member;
      }
      try {
        return await (member as TemplateFunction).apply(value, args === undefined ? [] : await args());
      } catch (error) {
        if (error instanceof TemplateError) throw error;
        this.#fail(
          operand.at,
          printOperand(operand),
          `error calling ${name}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
    return this.#fail(operand.at, printOperand(operand), `can't evaluate field ${name} in type ${typeName(value)}`);
  }

  #print(value: Value): void {
    if (value === undefined) this.#write('<no value>');
    else this.#write(this.#options.escape === undefined ? printValue(value) : this.#options.escape(value));
  }

  #write(text: string): void {
    if (this.text.length + text.length > this.#options.maxOutput) {
      throw new TemplateError(
        `template: ${this.#options.name}: output is longer than ${this.#options.maxOutput} characters`,
      );
    }
    this.text += text;
  }

  #fail(at: number, expression: string, message: string): never {
    const { name, source } = this.#options;
    const line = lineOf(source, at);
    const column = Buffer.byteLength(source.slice(source.lastIndexOf('\n', at - 1) + 1, at));
    const shown = expression.length > 20 ? `${expression.slice(0, 20)}...` : expression;
    throw new TemplateError(
      `template: ${name}:${line}:${column}: executing ${JSON.stringify(this.#template)} at <${shown}>: ${message}`,
    );
  }
}

/** Methods a class of template data declares itself; a plain object's are own members. */
function hasMethod(value: object, name: string): boolean {
  for (
    let proto = Object.getPrototypeOf(value) as object | null;
    proto !== null;
    proto = Object.getPrototypeOf(proto) as object | null
  ) {
    if (
      proto === Object.prototype ||
      proto === Map.prototype ||
      proto === StringMap.prototype ||
      proto === Array.prototype
    )
      return false;
    if (Object.hasOwn(proto, name)) return name !== 'constructor' && /^\p{Lu}/u.test(name);
  }
  return false;
}

function lookup(scope: Scope, name: string): Value {
  for (let i = scope.length - 1; i >= 0; i--) if (scope[i]![0] === name) return scope[i]![1];
  return undefined;
}

function assign(scope: Scope, name: string, value: Value): void {
  for (let i = scope.length - 1; i >= 0; i--) {
    if (scope[i]![0] !== name) continue;
    scope[i]![1] = value;
    return;
  }
}
