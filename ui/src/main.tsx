import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { ApiProvider, createEndpoints, Http } from './api/index.ts';
import { App, preload } from './app/app.tsx';
import { NonceProvider, readNonce } from './app/nonce.tsx';
import { PreferencesProvider } from './app/preferences.tsx';
import { createQueryClient } from './app/query-client.ts';
import { basePath } from './app/route.ts';
import { Router, RouterProvider } from './app/router.tsx';
import { cssVariables, theme } from './app/theme.ts';
import './app/styles.ts';

const router = new Router(basePath(document.baseURI), window);
const http = new Http({ base: new URL(router.base, window.location.origin).href, fetch: window.fetch.bind(window) });
const queryClient = createQueryClient();
const nonce = readNonce(document);

http.onUnauthorized = () => {
  if (router.place().route === '/signin') return;
  const { pathname, search } = window.location;
  router.go(router.href('/signin', `?next=${encodeURIComponent(pathname + search)}`), 'replace');
};

preload(router.place().route);

createRoot(document.getElementById('root')!).render(
  <MantineProvider
    theme={theme}
    cssVariablesResolver={cssVariables}
    defaultColorScheme="auto"
    getStyleNonce={() => nonce}
  >
    <NonceProvider nonce={nonce}>
      <QueryClientProvider client={queryClient}>
        <ApiProvider api={createEndpoints(http)}>
          <RouterProvider router={router}>
            <PreferencesProvider>
              <App />
            </PreferencesProvider>
          </RouterProvider>
        </ApiProvider>
      </QueryClientProvider>
    </NonceProvider>
  </MantineProvider>,
);
