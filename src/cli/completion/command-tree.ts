import type { Command, Option } from 'commander';

/** A command as a shell completes it. */
export interface CompletionNode {
  /** Words from the program's name on, such as `yagura tool check`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly commands: readonly CompletionNode[];
  readonly options: readonly CompletionOption[];
  /** Whether its arguments are files. */
  readonly takesFiles: boolean;
}

export interface CompletionOption {
  /** With their dashes: `-o`, `--format`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** The only values there are; empty where there are others. */
  readonly choices: readonly string[];
  readonly takesFile: boolean;
}

/** What can be typed, from a program's commands. Hidden options are left out. */
export function completionTree(command: Command, parent: readonly string[] = []): CompletionNode {
  const path = [...parent, command.name()];
  return {
    path,
    description: shortened(command.description()),
    commands: command.commands.map((child) => completionTree(child, path)),
    options: [
      ...command.options.filter((option) => !option.hidden).map(completionOption),
      { names: ['-h', '--help'], description: 'show help', takesValue: false, choices: [], takesFile: false },
    ],
    takesFiles: command.registeredArguments.some((argument) => argument.name() === 'file'),
  };
}

function completionOption({
  short,
  long,
  flags,
  description,
  argChoices = [],
  required,
  optional,
}: Option): CompletionOption {
  return {
    names: [short, long].filter((name) => name !== undefined),
    description: shortened(description),
    takesValue: required || optional,
    choices: argChoices,
    takesFile: /<(?:file|path|filename|directory)>/.test(flags),
  };
}

/** Descriptions longer than this are cut. */
const MAX_DESCRIPTION = 70;

function shortened(text: string): string {
  if (text.length <= MAX_DESCRIPTION) return text.replace(/\.$/, '');
  return `${text.slice(0, MAX_DESCRIPTION).replace(/\s+\S*$/, '')}…`;
}

/** The node and all below it. */
export function allNodes(node: CompletionNode): CompletionNode[] {
  return [node, ...node.commands.flatMap(allNodes)];
}
