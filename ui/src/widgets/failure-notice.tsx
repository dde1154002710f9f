import { Button } from '@mantine/core';
import { type ReactNode } from 'react';
import { ApiFailure } from '../api/index.ts';
import { Notice } from './notice.tsx';

interface FailureNoticeProps {
  readonly error: Error;
  readonly onRetry?: () => void;
  /** What else can be done. */
  readonly children?: ReactNode;
}

/** Why a request brought nothing, and what can be done about it. */
export function FailureNotice({ error, onRetry, children }: FailureNoticeProps) {
  return (
    <Notice tone={error instanceof ApiFailure && error.kind === 'forbidden' ? 'warn' : 'bad'} title={titleOf(error)}>
      {error.message}
      {error instanceof ApiFailure && error.kind === 'forbidden' && error.permission !== undefined && (
        <div>
          The permission <code>{error.permission}</code> is missing. Whoever keeps the access file can grant it.
        </div>
      )}
      {error instanceof ApiFailure && error.retryAfterSeconds !== undefined && (
        <div>The server asks to wait {error.retryAfterSeconds} s before trying again.</div>
      )}
      {children !== undefined && <div>{children}</div>}
      {onRetry !== undefined && (
        <div>
          <Button mt={6} variant="default" size="compact-xs" onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </Notice>
  );
}

function titleOf(error: Error): string {
  if (!(error instanceof ApiFailure)) return 'Something went wrong in the page';
  switch (error.kind) {
    case 'forbidden':
      return 'Not permitted';
    case 'unauthorized':
      return 'Not signed in';
    case 'unreachable':
      return 'No connection';
    case 'unreadable':
      return 'Unexpected answer';
    case 'refused':
      return error.errorType === '' ? `Error ${error.status}` : `Error: ${error.errorType.replaceAll('_', ' ')}`;
  }
}
