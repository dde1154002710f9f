import { Component, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import { Notice } from '../widgets/notice.tsx';

interface Props {
  /** A new value tries again: the place of the reader. */
  readonly resetKey: string;
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | undefined;
  readonly resetKey: string;
}

/** Keeps a page that threw from taking the frame with it. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: undefined, resetKey: this.props.resetKey };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.resetKey ? null : { error: undefined, resetKey: props.resetKey };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <Notice tone="bad" title="This page could not be shown">
        {error.message}
        <div>
          <Button
            mt="xs"
            variant="default"
            onClick={() => {
              window.location.reload();
            }}
          >
            Load again
          </Button>
        </div>
      </Notice>
    );
  }
}
