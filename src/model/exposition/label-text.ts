import { isUtf8 } from 'node:buffer';
import { METRIC_NAME as METRIC_NAME_LABEL } from '../labels.ts';
import type { MetricType } from '../metadata.ts';
import { normalizeLabelValue } from './openmetrics-float.ts';

/**
 * Labels of a line as flat pairs, from the places of their names and values.
 *
 * @param spans start and end of the metric name, then for each label start and end of its name and of its value, without quotes
 */
export function labelPairsAt(bytes: Buffer, spans: readonly number[], type: MetricType): string[] {
  const pairs = [METRIC_NAME_LABEL, unescapedText(bytes, spans[0]!, spans[1]!)];
  for (let i = 2; i < spans.length; i += 4) {
    const name = unescapedText(bytes, spans[i]!, spans[i + 1]!);
    const value = unescapedText(bytes, spans[i + 2]!, spans[i + 3]!);
    pairs.push(name, normalizeLabelValue(type, name, value));
  }
  return pairs;
}

/** Whether any name among `spans` is not UTF-8. Values have been checked where they were read. */
export function hasInvalidName(bytes: Buffer, spans: readonly number[]): boolean {
  if (!isUtf8(bytes.subarray(spans[0]!, spans[1]!))) return true;
  for (let i = 2; i < spans.length; i += 4) if (!isUtf8(bytes.subarray(spans[i]!, spans[i + 1]!))) return true;
  return false;
}

/** Text between quotes, its escapes `\\`, `\"` and `\n` resolved; a backslash before anything else stands for itself. */
export function unescapedText(bytes: Buffer, from: number, to: number): string {
  const text = bytes.toString('utf8', from, to);
  return text.includes('\\')
    ? text.replace(/\\([\\"n])/g, (_: string, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    : text;
}

/** Help text of the text format: `\\` and `\n` only. */
export function unescapedHelp(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\([\\n])/g, (_: string, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    : text;
}

/** Whether bytes `from` to `to` are valid UTF-8; plain ASCII, which nearly all labels are, costs no call. */
export function isUtf8Span(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i]! >= 0x80) return isUtf8(bytes.subarray(i, to));
  return true;
}
