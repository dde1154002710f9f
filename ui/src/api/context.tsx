import { createContext, type ReactNode, use } from 'react';
import { type Endpoints } from './endpoints.ts';

const EndpointsContext = createContext<Endpoints | undefined>(undefined);

export function ApiProvider(props: { api: Endpoints; children: ReactNode }) {
  return <EndpointsContext value={props.api}>{props.children}</EndpointsContext>;
}

/** The server's routes as functions. */
export function useApi(): Endpoints {
  const api = use(EndpointsContext);
  if (api === undefined) throw new Error('useApi needs an ApiProvider above it');
  return api;
}
