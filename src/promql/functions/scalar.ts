import type { ScalarFunction } from '../functions-contract.ts';
import { goMath } from '../../model/index.ts';

/** `time()`: each step, in seconds. */
export const time: ScalarFunction = {
  kind: 'scalar',
  fill({ grid }, out) {
    for (let i = 0; i < grid.steps; i++) out[i] = (grid.startMs + i * grid.stepMs) / 1000;
  },
};

export const pi: ScalarFunction = {
  kind: 'scalar',
  fill(_call, out) {
    out.fill(Math.PI);
  },
};

/** `max_of(a, b)`. */
export const maxOf: ScalarFunction = {
  kind: 'scalar',
  fill(call, out) {
    const [a, b] = call.scalars;
    for (let i = 0; i < call.grid.steps; i++) out[i] = goMath.max(a![i]!, b![i]!);
  },
};

/** `min_of(a, b)`. */
export const minOf: ScalarFunction = {
  kind: 'scalar',
  fill(call, out) {
    const [a, b] = call.scalars;
    for (let i = 0; i < call.grid.steps; i++) out[i] = goMath.min(a![i]!, b![i]!);
  },
};
