import { parseFloatGo } from '../../number.ts';
import { formatError, shown } from './line.ts';
import type { LintedSample } from './family.ts';

/** Whether the lines of one histogram at one time agree with each other. */
export class HistogramCheck {
  readonly #family: string;
  #line = 0;
  #bound: number | undefined;
  #cumulative = 0;
  #count: number | undefined;
  #hasSum = false;
  #hasNegativeGsum = false;
  #hasSumOrGsum = false;
  #hasNegativeBound = false;
  /** Nothing but a creation time has been seen. */
  #isEmpty = true;

  constructor(family: string) {
    this.#family = family;
  }

  /** @throws {ExpositionError} */
  add({ labels, value, line }: LintedSample, suffix: string): void {
    this.#line = line;
    if (suffix !== '_created') this.#isEmpty = false;
    switch (suffix) {
      case '_bucket': {
        const bound = parseFloatGo(labels.get('le') ?? '') ?? NaN;
        if (this.#bound !== undefined && bound <= this.#bound) throw this.#fail('its buckets are not in order');
        if (value < this.#cumulative) throw this.#fail('a bucket counts less than the one before it');
        if (bound < 0) this.#hasNegativeBound = true;
        this.#bound = bound;
        this.#cumulative = value;
        break;
      }
      case '_count':
      case '_gcount':
        this.#count = value;
        break;
      case '_sum':
      case '_gsum':
        this.#hasSumOrGsum = true;
        if (suffix === '_sum') this.#hasSum = true;
        else if (value < 0) this.#hasNegativeGsum = true;
        break;
    }
  }

  /** @throws {ExpositionError} for what the lines together do not allow */
  close(): void {
    if (this.#isEmpty) return;
    if (this.#bound !== Infinity) throw this.#fail('its last bucket is not le="+Inf"');
    if (this.#count !== undefined && this.#count !== this.#cumulative) {
      throw this.#fail(`its count ${this.#count} is not that of its last bucket, ${this.#cumulative}`);
    }
    if (this.#hasSumOrGsum && this.#count === undefined) throw this.#fail('it has a sum and no count');
    if (!this.#hasSumOrGsum && this.#count !== undefined) throw this.#fail('it has a count and no sum');
    if (this.#hasNegativeBound && this.#hasSum) throw this.#fail('with negative buckets it has no sum');
    if (!this.#hasNegativeBound && this.#hasNegativeGsum) {
      throw this.#fail('its sum is negative and none of its buckets is');
    }
  }

  #fail(message: string): Error {
    return formatError(this.#line, 1, `histogram ${shown(this.#family)}: ${message}`);
  }
}
