/** `yagura completion`: completion scripts, made from the commands themselves. */
import { Argument, Command } from 'commander';
import { examples, exitCodes } from '../help.ts';
import { configured, type Terminal } from '../terminal.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

/** The `completion` command. @param program the whole command tree, made only when it is needed */
export function completionCommand(terminal: Terminal, program: () => Promise<Command>): Command {
  return configured(new Command('completion'), terminal)
    .description('Print the completion script for a shell.')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText(
      'after',
      examples(
        'yagura completion bash > ~/.local/share/bash-completion/completions/yagura',
        'yagura completion zsh > "${fpath[1]}/_yagura"',
        'yagura completion fish > ~/.config/fish/completions/yagura.fish',
      ) + exitCodes({ 0: 'the script was printed' }),
    )
    .action(async (shell: (typeof shells)[number]) => {
      const [{ completionTree }, { completionScript }] = await Promise.all([
        import('./command-tree.ts'),
        import('./script.ts'),
      ]);
      terminal.out(completionScript(shell, completionTree(await program())));
    });
}
