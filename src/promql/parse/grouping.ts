import { quoteGo } from '../../model/index.ts';
import { type LabelParameter } from './ast.ts';
import { isUtf8, parseParameter, parseString } from './literal.ts';
import * as T from './token.ts';
import { Place, type TokenReader } from './token-reader.ts';

/** Label names in parentheses; `parameters` is absent where there are none. */
export interface LabelList {
  readonly labels: readonly string[];
  readonly parameters: readonly LabelParameter[] | undefined;
}

export const NO_LABELS: LabelList = { labels: [], parameters: undefined };

/** `(a, "b.c", …)` with an optional comma at the end, as behind `by`, `on` and `group_left`. */
export function parseLabelList(reader: TokenReader): LabelList {
  if (reader.peek() !== T.LEFT_PAREN) reader.unexpected(Place.GROUPING);
  reader.advance();
  const labels: string[] = [];
  let parameters: LabelParameter[] | undefined;
  while (reader.peek() !== T.RIGHT_PAREN) {
    if (reader.lexer.kind === T.PARAMETER) {
      (parameters ??= []).push({ index: labels.length, parameter: parseParameter(reader, 'label') });
      labels.push('');
    } else labels.push(parseLabel(reader));
    const kind = reader.peek();
    if (kind === T.COMMA) reader.advance();
    else if (kind !== T.RIGHT_PAREN) reader.unexpected(Place.GROUPING_NEXT);
  }
  reader.advance();
  return { labels, parameters };
}

function parseLabel(reader: TokenReader): string {
  const kind = reader.peek();
  if (kind === T.STRING) {
    const label = parseString(reader);
    if (!isLabelName(label)) reader.fault(`invalid label name for grouping: ${quoteGo(label)}`, reader.tokenRange());
    return label;
  }
  if (T.isLabelName[kind] === 0) reader.unexpected(Place.GROUPING_LABEL);
  const label = reader.lexer.text;
  reader.advance();
  return label;
}

/** Any UTF-8 text but the empty one; bytes that are no UTF-8 arrive as lone surrogates. */
export function isLabelName(name: string): boolean {
  return name !== '' && isUtf8(name);
}
