import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionStatus,
  selectedCompletion,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, insertNewlineAndIndent } from '@codemirror/commands';
import { bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { lintKeymap } from '@codemirror/lint';
import { EditorState, Prec } from '@codemirror/state';
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view';
import { PromQLExtension } from '@prometheus-io/codemirror-promql';
import { useQueryClient } from '@tanstack/react-query';
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import { useApi } from '../../api/index.ts';
import { useNonce } from '../../app/index.ts';
import { completionClient } from './completion-client.ts';
import { editorTheme, promqlHighlight } from './editor-theme.ts';
import { type ExpressionHandle } from './field.tsx';

interface EditorProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onExecute: (value: string) => void;
  readonly label: string;
  readonly hint: string;
  readonly autoFocus: boolean;
  readonly ref: Ref<ExpressionHandle>;
}

/** The PromQL editor: highlighting, completion from the server's names, the parser's complaints as one types. */
export default function Editor(props: EditorProps) {
  const { value, label, hint, autoFocus, ref } = props;
  const api = useApi();
  const cache = useQueryClient();
  const nonce = useNonce();
  const parent = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  // The editor lives longer than one render: it calls whatever the newest render passed.
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const promql = new PromQLExtension().setComplete({ remote: completionClient(api, cache) });
    const editor = new EditorView({
      parent: parent.current!,
      state: EditorState.create({
        doc: latest.current.value,
        selection: { anchor: latest.current.value.length },
        extensions: [
          EditorView.cspNonce.of(nonce),
          EditorView.contentAttributes.of({ 'aria-label': label, 'data-testid': 'expression' }),
          EditorView.lineWrapping,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
          executeKeys((text) => {
            latest.current.onExecute(text);
          }),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ icons: false, maxRenderedOptions: 200 }),
          promql.asExtension(),
          syntaxHighlighting(promqlHighlight),
          editorTheme,
          placeholder(hint),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        ],
      }),
    });
    view.current = editor;
    if (autoFocus) editor.focus();
    return () => {
      editor.destroy();
      promql.destroy();
    };
    // What the editor is made of never changes while it lives.
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useImperativeHandle(ref, () => handleOf(view));
  return <div ref={parent} />;
}

/** Enter runs, Shift-Enter breaks the line; Enter also takes a completion, unless what stands there is it already. */
function executeKeys(execute: (text: string) => void) {
  return Prec.highest(
    keymap.of([
      {
        key: 'Enter',
        run: (editor) => {
          if (completionStatus(editor.state) === 'active' && !isTyped(editor) && acceptCompletion(editor)) return true;
          closeCompletion(editor);
          execute(editor.state.doc.toString());
          return true;
        },
      },
      { key: 'Shift-Enter', run: insertNewlineAndIndent },
    ]),
  );
}

/** Whether the completion on offer is the word before the cursor. */
function isTyped(editor: EditorView): boolean {
  const offered = selectedCompletion(editor.state);
  if (offered === null) return true;
  const { head } = editor.state.selection.main;
  return editor.state.sliceDoc(Math.max(0, head - offered.label.length), head) === offered.label;
}

function handleOf(view: { readonly current: EditorView | null }): ExpressionHandle {
  return {
    focus: () => view.current?.focus(),
    insert: (text) => {
      const editor = view.current;
      if (editor === null) return;
      editor.dispatch(editor.state.replaceSelection(text));
      editor.focus();
    },
    reveal: (index) => {
      const editor = view.current;
      if (editor === null) return;
      const at = Math.min(index, editor.state.doc.length);
      editor.dispatch({ selection: { anchor: at }, scrollIntoView: true });
      editor.focus();
    },
  };
}
