import { lazy, type Ref, Suspense, useRef } from 'react';
import classes from './expression.module.css';

/** What others may do with the expression field. */
export interface ExpressionHandle {
  focus(): void;
  /** Puts a text in place of the selection. */
  insert(text: string): void;
  /** Puts the cursor at an index of the text. */
  reveal(index: number): void;
}

interface ExpressionFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onExecute: (value: string) => void;
  readonly autoFocus: boolean;
  readonly ref: Ref<ExpressionHandle>;
}

const Editor = lazy(() => import('./editor.tsx'));
const hint = 'Expression: Enter runs it, Shift+Enter breaks the line';

/** The expression field: a plain one until the editor's code has arrived, so that one can type at once. */
export function ExpressionField(props: ExpressionFieldProps) {
  // The plain field's focus moves on to the editor that replaces it.
  const hadFocus = useRef(props.autoFocus);
  const plain = (
    <textarea
      className={classes.plain}
      aria-label="Expression"
      placeholder={hint}
      rows={1}
      spellCheck={false}
      value={props.value}
      onFocus={() => {
        hadFocus.current = true;
      }}
      onBlur={() => {
        hadFocus.current = false;
      }}
      onChange={(event) => {
        props.onChange(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.shiftKey) return;
        event.preventDefault();
        props.onExecute(event.currentTarget.value);
      }}
    />
  );
  return (
    <div className={classes.field}>
      <Suspense fallback={plain}>
        <FocusingEditor {...props} hadFocus={hadFocus} />
      </Suspense>
    </div>
  );
}

function FocusingEditor({ hadFocus, ...props }: ExpressionFieldProps & { hadFocus: { readonly current: boolean } }) {
  return <Editor {...props} autoFocus={hadFocus.current} label="Expression" hint={hint} />;
}
