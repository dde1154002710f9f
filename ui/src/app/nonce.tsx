import { createContext, type ReactNode, use } from 'react';

declare global {
  interface Window {
    /** Read by the package that locks scrolling below a dialog when it adds its style element. */
    __webpack_nonce__?: string;
  }
}

const NonceContext = createContext('');

/**
 * The nonce that the Content-Security-Policy of this document allows style elements with, as the server wrote it into
 * `<meta name="csp-nonce">`. Handed to everything that adds styles at run time.
 */
export function readNonce(document: Document): string {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
  window.__webpack_nonce__ = nonce;
  return nonce;
}

export function NonceProvider(props: { nonce: string; children: ReactNode }) {
  return <NonceContext value={props.nonce}>{props.children}</NonceContext>;
}

export const useNonce = (): string => use(NonceContext);
