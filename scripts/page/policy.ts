/** The Content-Security-Policy of a page: its own style and scripts carry the nonce, and nothing else runs, whatever a header or a log line brings along. */
export function policy(nonce: string): string {
  return `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}
