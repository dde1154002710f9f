/** `yagura tool`: what promtool is to Prometheus. Every command loads what it needs when it runs. */
import { Command } from 'commander';
import { configured, type Terminal } from '../terminal.ts';
import { addCheckCommands } from './check.ts';
import { addPromqlCommands } from './promql.ts';
import { addQueryCommands } from './query.ts';

/** The `tool` command with all below it. */
export function toolCommand(terminal: Terminal): Command {
  const tool = configured(new Command('tool'), terminal).description(
    'Check files, lint metrics, format and run queries: the commands of promtool.',
  );
  addCheckCommands(tool, terminal);
  addPromqlCommands(tool, terminal);
  addQueryCommands(tool, terminal);
  return tool;
}
