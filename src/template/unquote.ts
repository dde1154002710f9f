const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** The text of a Go string literal in double quotes or backquotes; `undefined` when an escape is not one of Go's. */
export function unquoteString(quoted: string): string | undefined {
  const body = quoted.slice(1, -1);
  if (quoted.startsWith('`')) return body.replaceAll('\r', '');
  return unescape(body, '"');
}

/** The code point of a Go character literal. */
export function unquoteChar(quoted: string): number | undefined {
  const text = unescape(quoted.slice(1, -1), "'");
  const points = text === undefined ? [] : [...text];
  return points.length === 1 ? points[0]!.codePointAt(0) : undefined;
}

function unescape(body: string, quote: string): string | undefined {
  if (!body.includes('\\')) return body;
  // Bytes given as \x or octal join into UTF-8 sequences, so the text is put together as bytes.
  const chunks: Uint8Array[] = [];
  const encoder = new TextEncoder();
  for (let at = 0; at < body.length;) {
    if (body[at] !== '\\') {
      const next = body.indexOf('\\', at);
      const end = next < 0 ? body.length : next;
      chunks.push(encoder.encode(body.slice(at, end)));
      at = end;
      continue;
    }
    const c = body[at + 1] ?? '';
    const plain = c === quote ? quote : simple[c];
    if (plain !== undefined) {
      chunks.push(encoder.encode(plain));
      at += 2;
      continue;
    }
    const match = /^(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(
      body.slice(at + 1, at + 10),
    );
    if (match === null) return undefined;
    const [whole, hex, octal, short, long] = match;
    const value = Number.parseInt((hex ?? octal ?? short ?? long)!, octal === undefined ? 16 : 8);
    if (hex !== undefined || octal !== undefined) {
      if (value > 255) return undefined;
      chunks.push(Uint8Array.of(value));
    } else {
      if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return undefined;
      chunks.push(encoder.encode(String.fromCodePoint(value)));
    }
    at += 1 + whole.length;
  }
  return Buffer.concat(chunks).toString('utf8');
}
