import type { ServeOptions } from './options.ts';

export async function serve(options: ServeOptions): Promise<void> {
  await Promise.resolve();
  console.log(JSON.stringify(options, null, 1));
}
