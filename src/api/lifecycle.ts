import { text, type Reply, type Route } from '../web/index.ts';
import type { ApiServices } from './services.ts';

/** /-/reload, /-/quit. */
export function lifecycleRoutes({ lifecycle, enableLifecycle }: ApiServices): Route[] {
  const disabled = text('Lifecycle API is not enabled.', 403);
  return [
    {
      path: '/-/reload',
      methods: ['POST', 'PUT'],
      effect: 'change',
      body: { kind: 'none' },
      permission: 'lifecycle',
      summary: 'read the configuration again',
      beforeReady: true,
      handler: async (): Promise<Reply> => {
        if (!enableLifecycle) return disabled;
        try {
          await lifecycle.reload();
          return text('');
        } catch (error) {
          return text(`failed to reload config: ${(error as Error).message}\n`, 500);
        }
      },
    },
    {
      path: '/-/quit',
      methods: ['POST', 'PUT'],
      effect: 'change',
      body: { kind: 'none' },
      permission: 'lifecycle',
      summary: 'end the process',
      beforeReady: true,
      handler: () => {
        if (!enableLifecycle) return disabled;
        lifecycle.quit();
        return text('Requesting termination... Goodbye!');
      },
    },
  ];
}
