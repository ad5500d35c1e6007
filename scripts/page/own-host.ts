import type { IncomingMessage } from "node:http";

/** Whether a request names this server: a page from elsewhere may have its own name resolved to this machine, and must not get to read what is shown here. */
export function isOwnHost({ headers }: IncomingMessage, address: string): boolean {
  return headers.host === address || headers.host === address.replace("127.0.0.1", "localhost");
}
