// Told apart by hue and lightness on both backgrounds; neighbours differ most, since most graphs have few lines.
const colours = [
  '#3b7dd8',
  '#e08a1e',
  '#2f9e63',
  '#d6455d',
  '#8a63d2',
  '#1aa3a8',
  '#b5679b',
  '#93a12c',
  '#c2693a',
  '#5b6fd6',
  '#4aa84a',
  '#c94fb0',
  '#3f93b8',
  '#b58f1f',
  '#e0667f',
  '#7f8a99',
];

/** The colour of the n-th series. */
export function seriesColour(index: number): string {
  return colours[index % colours.length]!;
}
