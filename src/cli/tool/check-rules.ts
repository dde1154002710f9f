import { readFile } from 'node:fs/promises';
import { compareLabels, compareText, Labels } from '../../model/index.ts';
import { parseExpr } from '../../promql/index.ts';
import { alertTemplateProblem, parseRuleFile, type RuleFileGroup, type RuleFileOptions } from '../../rules/index.ts';
import { languageOf } from '../serve/language.ts';
import { messageOf, type Terminal } from '../terminal.ts';

export interface CheckRulesOptions {
  readonly lints: ReadonlySet<string>;
  readonly isLintFatal: boolean;
  readonly ignoreUnknownFields: boolean;
  readonly features: readonly string[];
  /** UTF-8 names where the configuration says nothing else. */
  readonly nameValidationScheme?: RuleFileOptions['nameValidationScheme'];
}

/** What became of a check: errors weigh more than lints. */
export interface Verdict {
  readonly hasErrors: boolean;
  readonly hasLintProblems: boolean;
}

/** promtool's exit codes: 1 for errors, 3 for lints that are fatal. */
export function exitCodeOf({ hasErrors, hasLintProblems }: Verdict, isLintFatal: boolean): number {
  if (hasErrors) return 1;
  return hasLintProblems && isLintFatal ? 3 : 0;
}

/** Checks rule files one after the other. Never throws for what is wrong with them. */
export async function checkRuleFiles(
  files: readonly string[],
  terminal: Terminal,
  options: CheckRulesOptions,
): Promise<Verdict> {
  let hasErrors = false;
  let hasLintProblems = false;
  for (const file of files) {
    terminal.out(`Checking ${file}\n`);
    let text: Buffer;
    try {
      text = await readFile(file);
    } catch (error) {
      terminal.err(`  FAILED: ${messageOf(error)}\n`);
      hasErrors = true;
      continue;
    }
    const verdict = checkText(text, file, terminal, options);
    hasErrors ||= verdict.hasErrors;
    hasLintProblems ||= verdict.hasLintProblems;
  }
  return { hasErrors, hasLintProblems };
}

/** Checks the rule file on standard input. */
export async function checkRuleInput(terminal: Terminal, options: CheckRulesOptions): Promise<Verdict> {
  terminal.out('Checking standard input\n');
  return checkText(await terminal.readInput(), 'standard input', terminal, options);
}

function checkText(text: Buffer, file: string, terminal: Terminal, options: CheckRulesOptions): Verdict {
  const language = languageOf(options.features);
  const { groups, errors, warnings } = parseRuleFile(text, file, {
    nameValidationScheme: options.nameValidationScheme ?? 'utf8',
    ignoreUnknownFields: options.ignoreUnknownFields,
    parseExpr: (expr) => parseExpr(expr, language),
    checkTemplate: (alert, template) => {
      const problem = alertTemplateProblem(alert, template);
      if (problem !== undefined) throw new Error(problem);
    },
  });
  for (const warning of warnings) terminal.out(`  WARNING: ${warning}\n`);
  if (errors.length > 0) {
    terminal.err(`  FAILED:\n${errors.map((error) => `${error.toString()}\n`).join('')}`);
    return { hasErrors: true, hasLintProblems: false };
  }
  const duplicates = options.lints.has('all') || options.lints.has('duplicate-rules') ? duplicateRules(groups) : [];
  if (duplicates.length > 0) {
    terminal.err(`  FAILED:\n${duplicateMessage(duplicates)}\n`);
  } else {
    terminal.out(`  SUCCESS: ${groups.reduce((count, group) => count + group.rules.length, 0)} rules found\n`);
  }
  terminal.out('\n');
  return { hasErrors: false, hasLintProblems: duplicates.length > 0 };
}

interface NamedRule {
  readonly name: string;
  readonly labels: Labels;
}

/** Rules that give the same series as another one does, each once, sorted. */
function duplicateRules(groups: readonly RuleFileGroup[]): NamedRule[] {
  const all = groups.flatMap((group) =>
    group.rules.map((rule) => ({
      name: rule.alert === '' ? rule.record : rule.alert,
      labels: Labels.fromPairs([...group.labels, ...rule.labels]),
    })),
  );
  const compare = (a: NamedRule, b: NamedRule) => compareText(a.name, b.name) || compareLabels(a.labels, b.labels);
  all.sort(compare);
  return all.filter(
    (rule, i) => i > 0 && compare(all[i - 1], rule) === 0 && (i === 1 || compare(all[i - 2], rule) !== 0),
  );
}

function duplicateMessage(duplicates: readonly NamedRule[]): string {
  const lines = [`lint error ${duplicates.length} duplicate rule(s) found.`];
  for (const { name, labels } of duplicates) {
    lines.push(`Metric: ${name}`, 'Label(s):');
    for (const [label, value] of labels) lines.push(`\t${label}: ${value}`);
  }
  return [...lines, 'Might cause inconsistency while recording expressions'].join('\n');
}
