/** The token that an address of the sign-in page carries, in its fragment or as `token`. */
export function oneTimeToken(address: { readonly hash: string; readonly search: string }): string | undefined {
  const fragment = address.hash.replace(/^#/, '');
  const token = fragment === '' ? new URLSearchParams(address.search).get('token') : fragment;
  return token === null || token === '' ? undefined : token;
}
