import { text, type Route } from '../web/index.ts';

/** /-/healthy, /-/ready: status only. */
export function healthRoutes(): Route[] {
  return [
    {
      path: '/-/healthy',
      methods: ['GET'],
      effect: 'read',
      permission: 'health',
      summary: 'whether the process answers',
      beforeReady: true,
      handler: () => text('Yagura is Healthy.\n'),
    },
    {
      path: '/-/ready',
      methods: ['GET'],
      effect: 'read',
      permission: 'health',
      summary: 'whether the server can do its work',
      handler: () => text('Yagura is Ready.\n'),
    },
  ];
}
