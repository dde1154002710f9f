import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** The look of the editor, in the tokens of the page: one theme serves both schemes. */
export const editorTheme = EditorView.theme({
  '&': { fontSize: '0.875rem', backgroundColor: 'transparent', color: 'var(--y-text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--y-mono)', lineHeight: '1.5', overflow: 'auto', maxHeight: '40vh' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--y-text)' },
  '.cm-line': { padding: '0 8px' },
  '.cm-placeholder': { color: 'var(--y-text-dim)' },
  '.cm-cursor': { borderLeftColor: 'var(--y-text)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--y-accent-soft)', outline: '1px solid var(--y-accent)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--y-bad-soft)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--y-surface)',
    color: 'var(--y-text)',
    border: '1px solid var(--y-border)',
    borderRadius: '4px',
    boxShadow: '0 4px 16px rgb(0 0 0 / 18%)',
    zIndex: '200',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--y-mono)',
    fontSize: '0.8125rem',
    maxHeight: '19em',
    maxWidth: 'min(640px, 92vw)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    display: 'flex',
    gap: '1.5em',
    justifyContent: 'space-between',
    padding: '2px 8px',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--y-accent-soft)',
    color: 'var(--y-text)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700', color: 'var(--y-accent)' },
  '.cm-completionDetail': { color: 'var(--y-text-dim)', fontStyle: 'normal', marginLeft: '0' },
  '.cm-tooltip.cm-completionInfo': {
    padding: '6px 10px',
    maxWidth: 'min(360px, 90vw)',
    fontSize: '0.8125rem',
    lineHeight: '1.4',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  },
  // Where there is no room beside the list, the help would lie on top of it.
  '.cm-completionInfo.cm-completionInfo-left-narrow, .cm-completionInfo.cm-completionInfo-right-narrow': {
    display: 'none',
  },
  // The default draws its wave as an image in a data: address, which the Content-Security-Policy does not allow.
  '.cm-lintRange': { paddingBottom: '0', textDecoration: 'underline wavy 1px', textUnderlineOffset: '3px' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecorationColor: 'var(--y-bad)' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecorationColor: 'var(--y-warn)' },
  '.cm-lintRange-info, .cm-lintRange-hint': { backgroundImage: 'none', textDecorationColor: 'var(--y-label)' },
  '.cm-lintRange-active': { backgroundColor: 'var(--y-warn-soft)' },
  '.cm-diagnostic': { padding: '4px 10px', fontSize: '0.8125rem', whiteSpace: 'pre-wrap' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--y-bad)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--y-warn)' },
});

export const promqlHighlight = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--y-text-dim)', fontStyle: 'italic' },
  { tag: tags.variableName, color: 'var(--y-name)', fontWeight: '600' },
  { tag: tags.labelName, color: 'var(--y-label)' },
  { tag: tags.string, color: 'var(--y-value)' },
  { tag: tags.number, color: 'var(--y-number)' },
  { tag: tags.function(tags.variableName), color: 'var(--y-function)' },
  { tag: [tags.operatorKeyword, tags.modifier, tags.logicOperator], color: 'var(--y-keyword)' },
  { tag: tags.invalid, color: 'var(--y-bad)' },
]);
