import { type Schema } from './schema.ts';
import { writeYaml } from './yaml-writer.ts';

/** A value printed as YAML in the order of its schema, with Prometheus's rules of what is left out, and secrets as `<secret>`. */
export function encodeYaml<T>(schema: Schema<T>, value: T): string {
  return writeYaml(schema.encode(value));
}
