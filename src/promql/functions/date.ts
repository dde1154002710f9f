import { ABSENT, FLOAT } from '../column.ts';
import type { ElementFunction } from '../functions-contract.ts';

/** hour, minute, day_of_month …: a part of the UTC date that a value means as seconds since 1970, fractions cut off. */
function dateFunction(part: (days: number, seconds: number) => number): ElementFunction {
  return {
    kind: 'element',
    timeByDefault: true,
    apply(column) {
      const { values, kinds, steps } = column;
      for (let i = 0; i < steps; i++) {
        if (kinds[i] !== FLOAT) {
          kinds[i] = ABSENT;
          continue;
        }
        const seconds = Math.trunc(values[i]!);
        if (Math.abs(seconds) <= Number.MAX_SAFE_INTEGER) {
          const days = Math.floor(seconds / SECONDS_A_DAY);
          values[i] = part(days, seconds - days * SECONDS_A_DAY);
        } else values[i] = partOfFarDate(seconds, part);
      }
      column.histograms = undefined;
    },
  };
}

export const dateFunctions: ReadonlyMap<string, ElementFunction> = new Map([
  ['minute', dateFunction((_days, seconds) => Math.floor(seconds / 60) % 60)],
  ['hour', dateFunction((_days, seconds) => Math.floor(seconds / 3600))],
  ['day_of_week', dateFunction((days) => (((days + 4) % 7) + 7) % 7)],
  ['day_of_month', dateFunction((days) => civilDate(days).day)],
  ['day_of_year', dateFunction((days) => days - daysBeforeYear(civilDate(days).year) + 1)],
  ['days_in_month', dateFunction(daysInMonth)],
  ['month', dateFunction((days) => civilDate(days).month)],
  ['year', dateFunction((days) => civilDate(days).year)],
]);

const SECONDS_A_DAY = 86_400;
const DAYS_IN_400_YEARS = 146_097;

/** Go's zero of absolute time, a multiple of 400 years and of a day before 1970, in seconds. */
const GO_ABSOLUTE_OFFSET = 9_223_371_966_579_724_800n;

/**
 * A date beyond the integers of a float: Go's arithmetic wraps in 64 bits there, and on amd64 NaN and what does not fit become -2^63.
 * Nobody reads such dates, but they should be the same nonsense.
 */
function partOfFarDate(seconds: number, part: (days: number, seconds: number) => number): number {
  const fits = seconds >= -(2 ** 63) && seconds < 2 ** 63;
  const absolute = BigInt.asUintN(64, (fits ? BigInt(seconds) : -(2n ** 63n)) + GO_ABSOLUTE_OFFSET);
  const day = BigInt(SECONDS_A_DAY);
  return part(Number(absolute / day - GO_ABSOLUTE_OFFSET / day), Number(absolute % day));
}

/**
 * Year, month (1–12) and day (1–31) of the day `days` after 1970-01-01 in the Gregorian calendar, for any whole number of days below 2^50.
 *
 * Years begin in March here, so that the leap day ends one: then month lengths follow a line, (153 m + 2) / 5.
 */
function civilDate(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468; // since 0000-03-01
  const era = Math.floor(shifted / DAYS_IN_400_YEARS);
  const dayOfEra = shifted - era * DAYS_IN_400_YEARS;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** Days from 1970-01-01 to the first of January of `year`. */
function daysBeforeYear(year: number): number {
  const last = year - 1;
  return 365 * last + Math.floor(last / 4) - Math.floor(last / 100) + Math.floor(last / 400) - 719_162;
}

function daysInMonth(days: number): number {
  const { year, month } = civilDate(days);
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
