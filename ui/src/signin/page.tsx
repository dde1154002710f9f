import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type Proof, useApi } from '../api/index.ts';
import { enterSession, safeNext, usePlace, useRouter } from '../app/index.ts';
import { Logo } from '../app/logo.tsx';
import { FailureNotice, Loading, useDocumentTitle } from '../widgets/index.ts';
import { oneTimeToken } from './one-time-token.ts';
import { SignInForm } from './signin-form.tsx';
import classes from './signin.module.css';

/** Sign in with a password, or with the token of a one-time link. */
export default function SignInPage() {
  const signIn = useSignIn();
  const token = useOneTimeToken();
  const { mutate } = signIn;
  const isSent = useRef(false);
  useDocumentTitle('Sign in');

  useEffect(() => {
    // Once: the token is spent by the first try.
    if (token === undefined || isSent.current) return;
    isSent.current = true;
    mutate({ token });
  }, [token, mutate]);

  const proof = signIn.variables;
  const isLinkTry = token !== undefined && proof !== undefined && 'token' in proof && proof.token === token;
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <h1 className={classes.title}>
          <Logo size={30} />
          Yagura
        </h1>
        {signIn.isError && (
          <FailureNotice error={signIn.error}>
            {isLinkTry &&
              'A sign-in link works once, for a day. Afterwards the token that was printed with it signs in.'}
          </FailureNotice>
        )}
        {isLinkTry && signIn.isPending ? (
          <Loading label="Signing in with the link" />
        ) : (
          <SignInForm isPending={signIn.isPending} onSubmit={mutate} />
        )}
      </div>
    </main>
  );
}

/** Signs in and goes on to where the reader wanted to. */
function useSignIn() {
  const api = useApi();
  const router = useRouter();
  const client = useQueryClient();
  const { search } = usePlace();
  return useMutation({
    mutationFn: (proof: Proof) => api.signIn(proof),
    onSuccess: (session) => {
      enterSession(client, session);
      const next = new URLSearchParams(search).get('next');
      router.go(safeNext(next, router.base, window.location.origin), 'replace');
    },
  });
}

/**
 * The token of a one-time link: `signin#…`, where it never reaches a server's log, or `signin?token=…`. It is taken out
 * of the address at once, so that no history or screenshot keeps it.
 */
function useOneTimeToken(): string | undefined {
  const router = useRouter();
  const { search } = usePlace();
  const [token] = useState(() => oneTimeToken(window.location));
  useEffect(() => {
    if (oneTimeToken(window.location) === undefined) return;
    const params = new URLSearchParams(search);
    params.delete('token');
    const rest = params.toString();
    router.go(router.href('/signin', rest === '' ? '' : `?${rest}`), 'replace');
  }, [router, search]);
  return token;
}
