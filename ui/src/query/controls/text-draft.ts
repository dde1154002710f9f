import { useState } from 'react';

/**
 * A text field whose text is parsed when the reader is done with it: while typing it may be wrong, on Enter or leaving
 * it takes effect, and what cannot be read stays with an error.
 *
 * @param shown the text of the value in force
 * @param accept puts a text in force; `false` where it cannot be read
 */
export function useTextDraft(shown: string, accept: (text: string) => boolean) {
  const [draft, setDraft] = useState<string>();
  const [base, setBase] = useState(shown);
  if (base !== shown) {
    setBase(shown);
    setDraft(undefined);
  }
  const commit = () => {
    if (draft === undefined || draft === shown) setDraft(undefined);
    else if (accept(draft)) setDraft(undefined);
  };
  return {
    text: draft ?? shown,
    change: setDraft,
    commit,
    reset: () => {
      setDraft(undefined);
    },
  };
}
