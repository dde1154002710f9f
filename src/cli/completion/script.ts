import { allNodes, type CompletionNode, type CompletionOption } from './command-tree.ts';

/** The completion script of a program. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', root: CompletionNode): string {
  switch (shell) {
    case 'bash':
      return bash(root);
    case 'zsh':
      return zsh(root);
    case 'fish':
      return fish(root);
  }
}

/** Walks the words typed so far to the command they name, then offers what that command takes. */
function bash(root: CompletionNode): string {
  const name = root.path[0];
  const commands = branches(root, (node) => `words=${quote(node.commands.map(lastWord).join(' '))}`);
  const options = branches(
    root,
    (node) =>
      `options=${quote(node.options.flatMap(({ names }) => names).join(' '))}; files=${node.takesFiles ? 1 : 0}`,
  );
  const values = valueBranches(root, ({ choices, takesFile }) =>
    choices.length > 0
      ? `COMPREPLY=($(compgen -W ${quote(choices.join(' '))} -- "$cur")); return`
      : takesFile
        ? 'compopt -o default; return'
        : 'return',
  );
  return `# Completion of ${name} for bash.
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path=${name} word words options files=0 i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    words=
    case "$path" in
${commands}
    esac
    case " $words " in
      *" $word "*) path="$path $word" ;;
    esac
  done
  case "$path \${COMP_WORDS[COMP_CWORD-1]}" in
${values}
  esac
  words=
  case "$path" in
${commands}
  esac
  case "$path" in
${options}
  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$cur")) ;;
    *)
      COMPREPLY=($(compgen -W "$words" -- "$cur"))
      if [ "$files" = 1 ]; then compopt -o default; fi
      ;;
  esac
}
complete -F _${name} ${name}
`;
}

function zsh(root: CompletionNode): string {
  const name = root.path[0];
  const commands = branches(
    root,
    (node) => `words_=(${node.commands.map((child) => quote(lastWord(child))).join(' ')})`,
  );
  const offers = branches(root, (node) => {
    const described = (word: string, text: string) => quote(`${word.replaceAll(':', '\\:')}:${text}`);
    const subcommands = node.commands.map((child) => described(lastWord(child), child.description));
    const options = node.options.flatMap(({ names, description }) =>
      names.map((option) => described(option, description)),
    );
    return `commands_=(${subcommands.join(' ')}); options_=(${options.join(' ')}); files_=${node.takesFiles ? 1 : 0}`;
  });
  const values = valueBranches(root, ({ choices, takesFile }) =>
    choices.length > 0 ? `compadd -- ${choices.map(quote).join(' ')}; return` : takesFile ? '_files; return' : 'return',
  );
  return `#compdef ${name}
# Completion of ${name} for zsh.
_${name}() {
  local path_=${name} word i files_=0
  local -a words_ commands_ options_
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    words_=()
    case "$path_" in
${commands}
    esac
    if (( \${words_[(Ie)$word]} )); then path_="$path_ $word"; fi
  done
  case "$path_ \${words[CURRENT-1]}" in
${values}
  esac
  case "$path_" in
${offers}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe option options_
  else
    (( \${#commands_} )) && _describe command commands_
    (( files_ )) && _files
  fi
}
if [ "$funcstack[1]" = _${name} ]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function fish(root: CompletionNode): string {
  const name = root.path[0];
  const lines = [`# Completion of ${name} for fish.`, `complete -c ${name} -f`];
  for (const node of allNodes(root)) {
    // A command is named when its words have been typed and none of those that lead on from it.
    const typed = node.path.slice(1).map((word) => `__fish_seen_subcommand_from ${word}`);
    const leadOn = node.commands.map(lastWord).join(' ');
    const conditions = leadOn === '' ? typed : [...typed, `not __fish_seen_subcommand_from ${leadOn}`];
    const start = `complete -c ${name}${conditions.length === 0 ? '' : ` -n ${fishQuote(conditions.join('; and '))}`}`;
    for (const child of node.commands) lines.push(`${start} -a ${lastWord(child)} -d ${fishQuote(child.description)}`);
    if (node.takesFiles) lines.push(`${start} -F`);
    for (const { names, description, takesValue, choices, takesFile } of node.options) {
      const flags = names
        .map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
        .join(' ');
      const value =
        choices.length > 0 ? ` -x -a ${fishQuote(choices.join(' '))}` : takesFile ? ' -r -F' : takesValue ? ' -x' : '';
      lines.push(`${start} ${flags}${value} -d ${fishQuote(description)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** One branch of a `case` for each command. */
function branches(root: CompletionNode, body: (node: CompletionNode) => string): string {
  return allNodes(root)
    .map((node) => `    ${quote(node.path.join(' '))}) ${body(node)} ;;`)
    .join('\n');
}

/** One branch for each option that takes a value: the path and the option, as the word before the one being typed. */
function valueBranches(root: CompletionNode, body: (option: CompletionOption) => string): string {
  return allNodes(root)
    .flatMap((node) =>
      node.options
        .filter(({ takesValue }) => takesValue)
        .map((option) => {
          const patterns = option.names.map((name) => quote(`${node.path.join(' ')} ${name}`));
          return `    ${patterns.join(' | ')}) ${body(option)} ;;`;
        }),
    )
    .join('\n');
}

function lastWord({ path }: CompletionNode): string {
  return path.at(-1)!;
}

/** For bash and zsh. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
