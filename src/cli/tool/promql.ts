import { type Command, Option } from 'commander';
import type { LabelMatcher } from '../../promql/index.ts';
import type { Terminal } from '../terminal.ts';
import { examples, exitCodes } from '../help.ts';

const codes = exitCodes({ 0: 'the expression was printed', 1: 'it is not an expression' });

/** Adds `promql` and the commands below it. */
export function addPromqlCommands(parent: Command, terminal: Terminal): void {
  const promql = parent.command('promql').description('Format and change PromQL expressions.');

  promql
    .command('format')
    .description('Print an expression in its canonical form.')
    .argument('<expr>', 'a PromQL expression')
    .addHelpText('after', examples("yagura tool promql format 'sum by(job)(rate(up[5m]))'") + codes)
    .action(async (expr: string) => {
      const { parseExpr, prettify } = await load();
      terminal.out(`${prettify(parseExpr(expr, everything))}\n`);
    });

  const matchers = promql.command('label-matchers').description('Change the label matchers of every selector.');
  matchers
    .command('set')
    .description('Set a matcher in every selector; it replaces those on the same label.')
    .argument('<expr>', 'a PromQL expression')
    .argument('<name>', 'name of the label')
    .argument('<value>', 'what to match it with')
    .addOption(new Option('-t, --type <type>', 'of the matcher').choices(['=', '!=', '=~', '!~']).default('='))
    .addHelpText('after', examples("yagura tool promql label-matchers set -t '=~' 'rate(up[5m])' job 'a|b'") + codes)
    .action(async (expr: string, name: string, value: string, { type }: { type: LabelMatcher['type'] }) => {
      const { parseExpr, prettify, setMatcher } = await load();
      const changed = prettify(setMatcher(parseExpr(expr, everything), { type, name, value }));
      // What was printed has to be an expression again: the name or the pattern may not be one.
      parseExpr(changed, everything);
      terminal.out(`${changed}\n`);
    });
  matchers
    .command('delete')
    .description('Delete the matchers on a label from every selector.')
    .argument('<expr>', 'a PromQL expression')
    .argument('<name>', 'name of the label')
    .addHelpText('after', examples('yagura tool promql label-matchers delete \'up{job="a"}\' job') + codes)
    .action(async (expr: string, name: string) => {
      const { deleteMatchers, parseExpr, prettify } = await load();
      terminal.out(`${prettify(deleteMatchers(parseExpr(expr, everything), name))}\n`);
    });
}

/** What is not on everywhere can be formatted all the same. */
const everything = {
  enableExperimentalFunctions: true,
  enableExtendedRangeSelectors: true,
  enableBinopFillModifiers: true,
};

const load = () => import('../../promql/index.ts');
