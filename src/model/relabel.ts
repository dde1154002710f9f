import { createHash } from 'node:crypto';
import { unreachable } from '../runtime/index.ts';
import { type Labels, LabelsBuilder } from './labels.ts';
import { toLowerGo, toUpperGo } from './letter-case.ts';
import { isValidLabelName, type NameValidationScheme, type RelabelConfig } from './relabel-config.ts';
import { Expansion, Regexp } from './submatch.ts';

interface Step {
  readonly config: RelabelConfig;
  readonly regexp: Regexp;
  readonly target: Expansion;
  readonly replacement: Expansion;
}

/** What one step of a relabelling did. */
export interface RelabelStep {
  readonly config: RelabelConfig;
  /** The labels after the step; empty once they are dropped. */
  readonly output: Labels;
  readonly keep: boolean;
}

/**
 * Relabelling steps made ready to run.
 *
 * @see Prometheus `model/relabel/relabel.go` (3.14)
 */
export class Relabeling {
  readonly configs: readonly RelabelConfig[];
  readonly #steps: readonly Step[];
  readonly #scheme: NameValidationScheme;

  /**
   * @param scheme the names a replaced target label may have
   * @throws {RegexpError} for a pattern that does not compile
   */
  constructor(configs: readonly RelabelConfig[], scheme: NameValidationScheme) {
    this.configs = configs;
    this.#scheme = scheme;
    this.#steps = configs.map((config) => ({
      config,
      regexp: Regexp.anchored(config.regex),
      target: new Expansion(config.targetLabel),
      replacement: new Expansion(config.replacement),
    }));
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** Applies every step to `builder`; `false` when a step drops the labels, which are then in no particular state. */
  apply(builder: LabelsBuilder): boolean {
    for (const step of this.#steps) if (!applyStep(step, builder, this.#scheme)) return false;
    return true;
  }

  /** The relabelled set, or `undefined` when it is dropped. */
  relabel(labels: Labels): Labels | undefined {
    if (this.isEmpty) return labels;
    const builder = new LabelsBuilder(labels);
    return this.apply(builder) ? builder.labels() : undefined;
  }

  /** What each step makes of `labels`; after a step that drops them, the others are listed but not run. */
  trace(labels: Labels): readonly RelabelStep[] {
    const builder = new LabelsBuilder(labels);
    let keep = true;
    return this.#steps.map((step) => {
      keep = keep && applyStep(step, builder, this.#scheme);
      return { config: step.config, output: (keep ? builder : new LabelsBuilder()).labels(), keep };
    });
  }
}

function applyStep(step: Step, builder: LabelsBuilder, scheme: NameValidationScheme): boolean {
  const { config, regexp, replacement } = step;
  const value = joined(builder, config);
  switch (config.action) {
    case 'drop':
      return !regexp.matches(value);
    case 'keep':
      return regexp.matches(value);
    case 'dropequal':
      return builder.get(config.targetLabel) !== value;
    case 'keepequal':
      return builder.get(config.targetLabel) === value;
    case 'replace':
      replace(step, builder, value, scheme);
      return true;
    case 'lowercase':
      builder.set(config.targetLabel, toLowerGo(value));
      return true;
    case 'uppercase':
      builder.set(config.targetLabel, toUpperGo(value));
      return true;
    case 'hashmod':
      builder.set(config.targetLabel, hashmod(value, config.modulus));
      return true;
    case 'labelmap':
      for (const [name, text] of builder.labels()) {
        if (regexp.matches(name)) builder.set(regexp.replaceAll(name, replacement), text);
      }
      return true;
    case 'labeldrop':
      for (const name of builder.names()) if (regexp.matches(name)) builder.delete(name);
      return true;
    case 'labelkeep':
      for (const name of builder.names()) if (!regexp.matches(name)) builder.delete(name);
      return true;
    default:
      return unreachable(config.action);
  }
}

function joined(builder: LabelsBuilder, { sourceLabels, separator }: RelabelConfig): string {
  if (sourceLabels.length === 1) return builder.get(sourceLabels[0]!);
  return sourceLabels.map((name) => builder.get(name)).join(separator);
}

function replace(step: Step, builder: LabelsBuilder, value: string, scheme: NameValidationScheme): void {
  const match = step.regexp.find(value);
  if (match === undefined) return;
  const target = step.target.expand(match);
  // An empty replacement deletes the label, which is what the builder makes of an empty value.
  if (isValidLabelName(target, scheme)) builder.set(target, step.replacement.expand(match));
}

/** The last 8 bytes of the MD5 as a big-endian number, as every version of Prometheus has it. */
function hashmod(value: string, modulus: number): string {
  const hash = createHash('md5').update(value).digest();
  return (hash.readBigUInt64BE(8) % BigInt(modulus)).toString();
}
