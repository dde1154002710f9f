import { QueryClient } from '@tanstack/react-query';
import { ApiFailure } from '../api/index.ts';

/** Answers are shared for a few seconds and asked for again only where the server could not be reached. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: false,
        networkMode: 'always',
        retry: (failures, error) => error instanceof ApiFailure && error.kind === 'unreachable' && failures < 2,
        retryDelay: (attempt) => 500 * 2 ** attempt,
      },
      mutations: { networkMode: 'always' },
    },
  });
}
