import {
  type AnchorHTMLAttributes,
  createContext,
  type MouseEvent,
  type ReactNode,
  use,
  useSyncExternalStore,
} from 'react';
import { hrefOf, type RoutePath, routeOf } from './route.ts';

/** Where the reader is. `route` is `undefined` for an address that no page has. */
export interface Place {
  readonly route: RoutePath | undefined;
  readonly search: string;
}

/** The address bar: history entries in, places out. */
export class Router {
  readonly base: string;
  readonly #window: Window;
  readonly #listeners = new Set<() => void>();
  #place: Place;

  constructor(base: string, window: Window) {
    this.base = base;
    this.#window = window;
    this.#place = this.#read();
    window.addEventListener('popstate', this.#changed);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly place = (): Place => this.#place;

  /** The address of a route, for links. */
  href(path: string, search = ''): string {
    return hrefOf(this.base, path, search);
  }

  /** Goes to an address on this origin; `replace` leaves no history entry of where the reader was. */
  go(href: string, how: 'push' | 'replace' = 'push'): void {
    if (how === 'push') this.#window.history.pushState(null, '', href);
    else this.#window.history.replaceState(null, '', href);
    this.#changed();
  }

  close(): void {
    this.#window.removeEventListener('popstate', this.#changed);
    this.#listeners.clear();
  }

  #read(): Place {
    const { pathname, search } = this.#window.location;
    return { route: routeOf(this.base, pathname), search };
  }

  readonly #changed = (): void => {
    const next = this.#read();
    if (next.route === this.#place.route && next.search === this.#place.search) return;
    this.#place = next;
    this.#listeners.forEach((listener) => {
      listener();
    });
  };
}

const RouterContext = createContext<Router | undefined>(undefined);

export function RouterProvider(props: { router: Router; children: ReactNode }) {
  return <RouterContext value={props.router}>{props.children}</RouterContext>;
}

export function useRouter(): Router {
  const router = use(RouterContext);
  if (router === undefined) throw new Error('useRouter needs a RouterProvider above it');
  return router;
}

export function usePlace(): Place {
  const router = useRouter();
  return useSyncExternalStore(router.subscribe, router.place);
}

/** Whether a click asks the browser for something else than following the link here: a new tab, a download. */
function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

type LinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> & {
  to: string;
  search?: string;
};

/** A link to a page of Yagura that does not load the document again. */
export function Link({ to, search = '', onClick, ...rest }: LinkProps) {
  const router = useRouter();
  const href = router.href(to, search);
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        onClick?.(event);
        if (event.defaultPrevented || !isPlainClick(event)) return;
        event.preventDefault();
        router.go(href);
        window.scrollTo(0, 0);
      }}
    />
  );
}
