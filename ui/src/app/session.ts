import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Session, useApi } from '../api/index.ts';
import { useRouter } from './router.tsx';

const sessionKey = ['session'] as const;

/** Who is signed in; asked again when the reader returns to the tab, so that a sign-out elsewhere shows here. */
export function useSession() {
  const api = useApi();
  return useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => api.session(signal),
    staleTime: 60_000,
    refetchOnWindowFocus: true,
  });
}

/** Whether the reader holds a permission; `false` until the session is known. */
export function usePermission(permission: string): boolean {
  return useSession().data?.permissions.includes(permission) ?? false;
}

/** Starts a session with nothing of the one before left in memory. */
export function enterSession(client: QueryClient, session: Session): void {
  client.clear();
  client.setQueryData(sessionKey, session);
}

export function useSignOut() {
  const api = useApi();
  const router = useRouter();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.signOut(),
    onSuccess: () => {
      router.go(router.href('/signin'));
      client.clear();
    },
  });
}
