import { type Live, type LiveEvent, type LiveOptions, type Session, startLive } from "../run/index.ts";
import { eventFragment, logFragment, requestFragment, statusFragment, waitingFragment } from "./fragments.ts";
import { startPageServer } from "./server.ts";

export interface DevOptions extends LiveOptions {
  /** Any free port by default. */
  pagePort?: number | undefined;
  /** The page is there, before anything has been built. */
  onPage?: (url: string) => void;
}

/** A live session with a page that shows requests, spans, log and reloads. */
export async function startDev(options: DevOptions): Promise<Live> {
  const page = await startPageServer(options.pagePort);
  options.onPage?.(page.url);
  page.send("status", waitingFragment(null));
  let session: Session | null = null;
  const show = (event: LiveEvent): void => {
    if (event.kind === "started") session = event.session;
    page.send("status", session ? statusFragment(options.watched.module.name, session, event) : waitingFragment(event));
    const fragment = eventFragment(event);
    if (fragment) page.send("log", fragment);
  };
  try {
    const live = await startLive({
      ...options,
      onEvent: event => {
        show(event);
        options.onEvent(event);
      },
      onRequest: request => {
        page.send("request", requestFragment(request));
        options.onRequest(request);
      },
      onFilterLine: line => {
        page.send("log", logFragment(line));
        options.onFilterLine(line);
      },
    });
    const stop = async (): Promise<void> => {
      await live.stop();
      await page.stop();
    };
    return { ended: live.ended, stop };
  } catch (error) {
    await page.stop();
    throw error;
  }
}
