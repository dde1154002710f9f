/** The part of a help text with commands to try. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`;
}

/** The part of a help text with the exit codes; 2 is the same for all. */
export function exitCodes(codes: Readonly<Record<number, string>>): string {
  const all = { ...codes, 2: 'a wrong argument' };
  const lines = Object.entries(all).map(([code, meaning]) => `  ${code}  ${meaning}\n`);
  return `\nExit codes:\n${lines.join('')}`;
}
