import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { recordingTerminal } from '../../../test/recording-terminal.ts';
import { run } from '../index.ts';
import { allNodes, completionTree } from './command-tree.ts';

async function completion(...args: readonly string[]) {
  const terminal = recordingTerminal();
  await run(['node', 'yagura', 'completion', ...args], terminal);
  return terminal;
}

const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** What bash offers for the words typed so far, the last of which is being typed. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const { output } = await completion('bash');
  const typed = ['yagura', ...words];
  const script = `${output}
compopt() { :; }
COMP_WORDS=(${typed.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${typed.length - 1}
_yagura
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

describe.skipIf(!has('bash'))('in bash', () => {
  it('commands are offered by what stands before', async () => {
    expect(await offered('')).toEqual(expect.arrayContaining(['serve', 'tool', 'access', 'completion']));
    expect(await offered('tool', 'c')).toEqual(['check']);
    expect(await offered('tool', 'check', '')).toEqual([
      'config',
      'rules',
      'web-config',
      'healthy',
      'ready',
      'metrics',
    ]);
    expect(await offered('tool', 'promql', 'label-matchers', 's')).toEqual(['set']);
  });

  it('options and their values are offered', async () => {
    expect(await offered('serve', '--config.f')).toEqual(['--config.file']);
    expect(await offered('tool', 'check', 'config', 'a.yml', '--lint-')).toEqual(['--lint-fatal']);
    expect(await offered('tool', 'query', 'instant', '-o', '')).toEqual(['promql', 'json']);
    expect(await offered('tool', 'check', 'config', '--lint', 'x')).toEqual(['']);
  });
});

describe('scripts', () => {
  it.each(['bash', 'zsh', 'fish'])('%s can read its own', async (shell) => {
    const { output, code } = await completion(shell);
    expect(code).toBe(0);
    expect(output).toContain('web-config');
    if (has(shell))
      expect(spawnSync(shell, ['-n'], { input: output, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('know every command, and no hidden option', () => {
    const program = new Command('p')
      .option('--shown <file>', 'a file')
      .addOption(new Command().createOption('--hidden').hideHelp());
    program.command('a').command('b').argument('<file>').description("it's b");
    const nodes = allNodes(completionTree(program));
    expect(nodes.map(({ path }) => path.join(' '))).toEqual(['p', 'p a', 'p a b']);
    expect(nodes[0].options.map(({ names }) => names)).toEqual([['--shown'], ['-h', '--help']]);
    expect(nodes[2]).toMatchObject({ takesFiles: true, description: "it's b" });
  });

  it.each([[[]], [['tcsh']], [['bash', 'more']]])('%j ends with a message and 2', async (args: string[]) => {
    expect(await completion(...args)).toMatchObject({ code: 2, output: '' });
  });
});
