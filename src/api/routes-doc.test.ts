import { expect, it } from 'vitest';
import { startApi } from '../../test/api-server.ts';
import { permissions } from '../access/index.ts';
import { documentRoutes } from './routes-doc.ts';
import { apiRoutes } from './routes.ts';

it('the table of routes names every route and every permission', async () => {
  const api = await startApi();
  const routes = apiRoutes(api.services);
  const text = documentRoutes(routes);
  for (const { path, methods } of routes) expect(text).toContain(`| \`${methods.join(' ')} ${path}\` |`);
  for (const permission of permissions) expect(text).toContain(`| \`${permission}\` |`);
  expect(text).toContain('| `POST PUT /-/reload` | `lifecycle` | yes | yes | read the configuration again |');
  await api.close();
});
