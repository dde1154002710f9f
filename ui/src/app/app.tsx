import { type ComponentType, lazy, Suspense } from 'react';
import { ApiFailure } from '../api/index.ts';
import { FailureNotice } from '../widgets/failure-notice.tsx';
import { Loading } from '../widgets/loading.tsx';
import { Notice } from '../widgets/notice.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { type RoutePath } from './route.ts';
import { usePlace } from './router.tsx';
import { useSession } from './session.ts';
import { Shell } from './shell.tsx';

type PageModule = Promise<{ default: ComponentType }>;

// Each page is a chunk of its own; only the one asked for is fetched before it shows.
const loaders: Record<RoutePath, () => PageModule> = {
  '/query': () => import('../query/page.tsx'),
  '/alerts': () => import('../alerts/page.tsx'),
  '/rules': () => import('../rules/page.tsx'),
  '/targets': () => import('../targets/page.tsx'),
  '/status': () => import('../status/page.tsx'),
  '/signin': () => import('../signin/page.tsx'),
};

const components = Object.fromEntries(
  Object.entries(loaders).map(([path, load]) => [path, lazy(load)]),
) as unknown as Record<RoutePath, ComponentType>;

/** Fetches a page's code ahead of showing it; a failure shows when the page does. */
export function preload(route: RoutePath | undefined): void {
  if (route !== undefined) loaders[route]().catch(() => undefined);
}

/** The page of the reader's place, inside the frame; sign-in stands alone. */
export function App() {
  const { route } = usePlace();
  if (route === '/signin') {
    const SignIn = components['/signin'];
    return (
      <ErrorBoundary resetKey={route}>
        <Suspense fallback={null}>
          <SignIn />
        </Suspense>
      </ErrorBoundary>
    );
  }
  return <SignedIn route={route} />;
}

function SignedIn({ route }: { route: RoutePath | undefined }) {
  const session = useSession();
  // Without a session the router is already on its way to sign-in: an error flashing up meanwhile would mislead.
  const leaving = session.error instanceof ApiFailure && session.error.kind === 'unauthorized';
  return (
    <Shell
      session={session.data}
      onApproach={(path) => {
        preload(path as RoutePath);
      }}
    >
      {session.data !== undefined && (
        <ErrorBoundary resetKey={route ?? ''}>
          <Suspense fallback={<Loading label="Loading the page" />}>
            <Page route={route} />
          </Suspense>
        </ErrorBoundary>
      )}
      {session.isPending && <Loading label="Asking who is signed in" />}
      {session.data === undefined && session.isError && !leaving && (
        <FailureNotice error={session.error} onRetry={() => void session.refetch()} />
      )}
    </Shell>
  );
}

function Page({ route }: { route: RoutePath | undefined }) {
  if (route === undefined) {
    return (
      <Notice tone="unsure" title="No such page">
        The address leads nowhere in Yagura. The links above lead to every page there is.
      </Notice>
    );
  }
  const Component = components[route];
  return <Component />;
}
