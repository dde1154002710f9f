/** A parsed template: text and actions in order. `at` is an offset in the source, for messages. */
export interface ListNode {
  readonly kind: 'list';
  readonly nodes: readonly Node[];
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly at: number; readonly pipe: PipeNode }
  | BranchNode
  | { readonly kind: 'template'; readonly at: number; readonly name: string; readonly pipe: PipeNode | undefined }
  | { readonly kind: 'break'; readonly at: number }
  | { readonly kind: 'continue'; readonly at: number };

export interface BranchNode {
  readonly kind: 'if' | 'with' | 'range';
  readonly at: number;
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}

/** Commands whose results feed the next one, and the variables the last result goes to. */
export interface PipeNode {
  readonly kind: 'pipe';
  readonly at: number;
  readonly variables: readonly string[];
  readonly isAssign: boolean;
  readonly commands: readonly CommandNode[];
}

export interface CommandNode {
  readonly at: number;
  /** The first is called with the others, if it can be called. */
  readonly args: readonly Operand[];
}

export type Operand =
  | { readonly kind: 'dot'; readonly at: number }
  | { readonly kind: 'nil'; readonly at: number }
  | { readonly kind: 'bool'; readonly at: number; readonly value: boolean }
  /** An int as bigint, a float as number: a template tells 1 from 1.0. */
  | { readonly kind: 'number'; readonly at: number; readonly text: string; readonly value: bigint | number }
  | { readonly kind: 'string'; readonly at: number; readonly quoted: string; readonly value: string }
  | { readonly kind: 'identifier'; readonly at: number; readonly name: string }
  /** `.A.B` */
  | { readonly kind: 'field'; readonly at: number; readonly path: readonly string[] }
  /** `$x.A.B` */
  | { readonly kind: 'variable'; readonly at: number; readonly name: string; readonly path: readonly string[] }
  /** `(pipeline).A.B` */
  | { readonly kind: 'chain'; readonly at: number; readonly node: PipeNode; readonly path: readonly string[] };

/** The operand as it was written, for messages. */
export function printOperand(operand: Operand): string {
  const fields = (path: readonly string[]) => path.map((name) => `.${name}`).join('');
  switch (operand.kind) {
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(operand.value);
    case 'number':
      return operand.text;
    case 'string':
      return operand.quoted;
    case 'identifier':
      return operand.name;
    case 'field':
      return fields(operand.path);
    case 'variable':
      return operand.name + fields(operand.path);
    case 'chain':
      return `(${printPipe(operand.node)})${fields(operand.path)}`;
  }
}

export function printPipe(pipe: PipeNode): string {
  const variables = pipe.variables.length > 0 ? `${pipe.variables.join(', ')} ${pipe.isAssign ? '=' : ':='} ` : '';
  return variables + pipe.commands.map((command) => command.args.map(printOperand).join(' ')).join(' | ');
}
