import { type ListNode, type MapEntry, type MapNode, type ScalarNode } from './document.ts';

/**
 * Reads JSON, which is YAML, too, an order of magnitude faster than the YAML parser does: target files may hold thousands of groups.
 *
 * @returns `undefined` for anything that is not plain JSON, for the YAML parser to read or to complain about
 */
export function parseJson(text: string, maxDepth: number): ListNode | MapNode | undefined {
  const reader = new JsonReader(text, maxDepth);
  try {
    return reader.document();
  } catch (error) {
    if (error === notJson) return undefined;
    throw error;
  }
}

/** Thrown to give up; it never leaves this file. */
const notJson = new Error('not JSON');

type JsonNode = ScalarNode | ListNode | MapNode;

const numberOrWord = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;

class JsonReader {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  document(): ListNode | MapNode {
    this.#space();
    const node = this.#value(0);
    this.#space();
    if (this.#at !== this.#text.length || node.kind === 'scalar') throw notJson;
    return node;
  }

  #value(depth: number): JsonNode {
    if (depth > this.#maxDepth) throw notJson;
    const offset = this.#at;
    switch (this.#text.charCodeAt(offset)) {
      case 0x5b:
        return this.#list(depth);
      case 0x7b:
        return this.#map(depth);
      case 0x22:
        return this.#string();
      default: {
        numberOrWord.lastIndex = offset;
        const found = numberOrWord.exec(this.#text);
        if (found === null) throw notJson;
        this.#at = numberOrWord.lastIndex;
        return { kind: 'scalar', offset, text: found[0], isPlain: true, tag: undefined };
      }
    }
  }

  #list(depth: number): ListNode {
    const offset = this.#at++;
    const items: JsonNode[] = [];
    this.#space();
    if (this.#takes(0x5d)) return { kind: 'list', offset, items };
    for (;;) {
      items.push(this.#value(depth + 1));
      this.#space();
      if (this.#takes(0x5d)) return { kind: 'list', offset, items };
      if (!this.#takes(0x2c)) throw notJson;
      this.#space();
    }
  }

  #map(depth: number): MapNode {
    const offset = this.#at++;
    const entries: MapEntry[] = [];
    this.#space();
    if (this.#takes(0x7d)) return { kind: 'map', offset, entries };
    for (;;) {
      if (this.#text.charCodeAt(this.#at) !== 0x22) throw notJson;
      const key = this.#string();
      this.#space();
      if (!this.#takes(0x3a)) throw notJson;
      this.#space();
      entries.push({ key, value: this.#value(depth + 1) });
      this.#space();
      if (this.#takes(0x7d)) return { kind: 'map', offset, entries };
      if (!this.#takes(0x2c)) throw notJson;
      this.#space();
    }
  }

  #string(): ScalarNode {
    const offset = this.#at;
    const text = this.#text;
    let hasEscape = false;
    for (let i = offset + 1; ; i++) {
      const code = text.charCodeAt(i);
      // NaN behind the end, control characters, and line breaks of YAML's own.
      if (!(code >= 0x20) || code === 0x2028 || code === 0x2029 || code === 0x85 || code === 0x7f) throw notJson;
      if (code === 0x5c) {
        hasEscape = true;
        i++;
      } else if (code === 0x22) {
        this.#at = i + 1;
        const value = hasEscape ? unescape(text.slice(offset, i + 1)) : text.slice(offset + 1, i);
        return { kind: 'scalar', offset, text: value, isPlain: false, tag: undefined };
      }
    }
  }

  #takes(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }
}

function unescape(quoted: string): string {
  let value: unknown;
  try {
    value = JSON.parse(quoted);
  } catch {
    throw notJson;
  }
  if (typeof value !== 'string' || /\p{Surrogate}/u.test(value)) throw notJson;
  return value;
}
