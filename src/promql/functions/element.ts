import { ABSENT, FLOAT, type Column } from '../column.ts';
import type { ElementFunction } from '../functions-contract.ts';
import { goMath } from '../../model/index.ts';

/** A function of every float; histograms have no result. */
export function elementFunction(map: (value: number) => number): ElementFunction {
  return {
    kind: 'element',
    apply(column) {
      const { values, kinds, steps } = column;
      for (let i = 0; i < steps; i++) {
        if (kinds[i] === FLOAT) values[i] = map(values[i]!);
        else kinds[i] = ABSENT;
      }
      column.histograms = undefined;
    },
  };
}

/** abs, ceil, trigonometry …, by name. */
export const elementFunctions: ReadonlyMap<string, ElementFunction> = new Map(
  Object.entries({
    abs: Math.abs,
    acos: Math.acos,
    acosh: Math.acosh,
    asin: Math.asin,
    asinh: Math.asinh,
    atan: Math.atan,
    atanh: Math.atanh,
    ceil: Math.ceil,
    cos: Math.cos,
    cosh: Math.cosh,
    deg: (x: number) => (x * 180) / Math.PI,
    exp: Math.exp,
    floor: Math.floor,
    ln: goMath.log,
    log10: goMath.log10,
    log2: goMath.log2,
    rad: (x: number) => (x * Math.PI) / 180,
    sgn: Math.sign,
    sin: Math.sin,
    sinh: Math.sinh,
    sqrt: Math.sqrt,
    tan: Math.tan,
    tanh: Math.tanh,
  }).map(([name, map]) => [name, elementFunction(map)]),
);

/** `round(v, nearest = 1)`: ties go up. By the inverse, which rounds more decimal fractions as people expect, as Prometheus does. */
export const round: ElementFunction = {
  kind: 'element',
  apply(column, call) {
    const nearest = call.scalars[1];
    eachFloat(column, (value, i) => {
      const inverse = 1 / (nearest === undefined ? 1 : nearest[i]!);
      return Math.floor(value * inverse + 0.5) / inverse;
    });
  },
};

/** `clamp(v, min, max)`: no result at all where max is below min. */
export const clamp: ElementFunction = {
  kind: 'element',
  apply(column, call) {
    const lowest = call.scalars[1]!;
    const highest = call.scalars[2]!;
    for (let i = 0; i < column.steps; i++) if (highest[i]! < lowest[i]!) column.kinds[i] = ABSENT;
    eachFloat(column, (value, i) => goMath.max(lowest[i]!, goMath.min(highest[i]!, value)));
  },
};

export const clampMin: ElementFunction = {
  kind: 'element',
  apply(column, call) {
    const lowest = call.scalars[1]!;
    eachFloat(column, (value, i) => goMath.max(lowest[i]!, value));
  },
};

export const clampMax: ElementFunction = {
  kind: 'element',
  apply(column, call) {
    const highest = call.scalars[1]!;
    eachFloat(column, (value, i) => goMath.max(-Infinity, goMath.min(highest[i]!, value)));
  },
};

function eachFloat(column: Column, map: (value: number, i: number) => number): void {
  const { values, kinds, steps } = column;
  for (let i = 0; i < steps; i++) {
    if (kinds[i] === FLOAT) values[i] = map(values[i]!, i);
    else kinds[i] = ABSENT;
  }
  column.histograms = undefined;
}
