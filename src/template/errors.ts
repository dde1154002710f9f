/** A template that cannot be parsed or executed; worded as Go words it: `template: NAME:LINE: …`. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}
