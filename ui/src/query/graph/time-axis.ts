import { calendar, type Zone } from '../../format/time.ts';

const pad = (n: number) => String(n).padStart(2, '0');

/**
 * Labels of a time axis: as fine as the ticks are apart; the date goes below the first tick and below each that begins
 * a new day.
 *
 * @param seconds ascending tick times
 * @param increment distance of two ticks in seconds
 */
export function timeLabels(seconds: readonly number[], increment: number, zone: Zone): string[] {
  let lastDate = '';
  return seconds.map((s) => {
    const c = calendar(s * 1000, zone);
    const date = `${c.year}-${pad(c.month)}-${pad(c.day)}`;
    if (increment >= 86_400) {
      const short = `${pad(c.month)}-${pad(c.day)}`;
      const text = lastDate.slice(0, 4) === String(c.year) ? short : `${short}\n${c.year}`;
      lastDate = date;
      return text;
    }
    let clock = `${pad(c.hour)}:${pad(c.minute)}`;
    if (increment < 60) clock += `:${pad(c.second)}`;
    if (increment < 1) clock += `.${String(c.ms).padStart(3, '0')}`;
    const text = date === lastDate ? clock : `${clock}\n${date}`;
    lastDate = date;
    return text;
  });
}
