import { servePage } from "../page/index.ts";
import type { Html } from "./html.ts";
import { page } from "./page.ts";

export type Channel = "status" | "request" | "log";

/** What a browser that comes later is still shown. */
const KEPT: Readonly<Record<Channel, number>> = { status: 1, request: 200, log: 1000 };

export interface PageServer {
  url: string;
  /** Shows something in every browser that has the page open, and in those that come. */
  send(channel: Channel, fragment: Html): void;
  stop(): Promise<void>;
}

/** Serves the page and what is to be seen on it, as server-sent events, to browsers on this machine. */
export async function startPageServer(port = 0): Promise<PageServer> {
  let history: { channel: Channel; text: string }[] = [];
  const server = await servePage({ html: page, events: () => history.map(({ text }) => text).join(""), port });
  return {
    url: server.url,
    send: (channel, fragment) => {
      const text = `event: ${channel}\ndata: ${JSON.stringify(fragment.text)}\n\n`;
      history.push({ channel, text });
      history = withoutOldest(history, channel);
      server.send(text);
    },
    stop: () => server.stop(),
  };
}

function withoutOldest<T extends { channel: Channel }>(history: T[], channel: Channel): T[] {
  if (history.filter(entry => entry.channel === channel).length <= KEPT[channel]) return history;
  const oldest = history.findIndex(entry => entry.channel === channel);
  return history.filter((_, index) => index !== oldest);
}
