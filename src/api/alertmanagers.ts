import { success, type Route } from '../web/index.ts';
import type { ApiServices } from './services.ts';

export function alertmanagerRoutes({ alertmanagers }: ApiServices): Route[] {
  const list = (urls: readonly string[]) => urls.map((url) => ({ url }));
  return [
    {
      path: '/api/v1/alertmanagers',
      methods: ['GET'],
      effect: 'read',
      permission: 'targets.read',
      summary: 'Alertmanagers that alerts are sent to',
      handler: () =>
        success({
          activeAlertmanagers: list(alertmanagers.active()),
          droppedAlertmanagers: list(alertmanagers.dropped()),
        }),
    },
  ];
}
