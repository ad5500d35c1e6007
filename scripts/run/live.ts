import { existsSync } from "node:fs";
import { type BuildResult, watchModule } from "../build/index.ts";
import { watchFile } from "./file-watch.ts";
import { readConfig } from "./module.ts";
import type { Reload } from "./reload.ts";
import { type Session, type SessionOptions, startSession } from "./session.ts";
import type { Watched } from "./source.ts";
import type { Change } from "./versions.ts";

/** What happens while sources and configuration are watched. */
export type LiveEvent =
  /** Envoy runs. When it refused the first version, `session.refused` says why, and requests are answered 500. */
  | { readonly kind: "started"; readonly session: Session }
  | { readonly kind: "reload"; readonly what: "code" | "configuration"; readonly buildMs: number | null; readonly reload: Reload }
  /** No build, no readable configuration, no start: what there was goes on. */
  | { readonly kind: "failed"; readonly what: "build" | "configuration" | "start" | "reload"; readonly error: Error };

export interface LiveOptions extends Omit<SessionOptions, "module" | "config" | "reloadable"> {
  /** Stands before what is wrong with the configuration: `run` or `dev`. */
  command?: string;
  watched: Watched;
  /** As given on the command line; a file is watched. */
  config?: string | undefined;
  onEvent(event: LiveEvent): void;
}

export interface Live {
  /** Resolves with how Envoy ended when it did so by itself. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

/** A session that follows the files it was made from: builds on save, and reloads by ECDS in the running Envoy. */
export async function startLive(options: LiveOptions): Promise<Live> {
  const { watched, onEvent } = options;
  const closers: (() => unknown)[] = [];
  let session: Session | null = null;
  let end: (how: string) => void = () => {};
  const ended = new Promise<string>(resolve => {
    end = resolve;
  });

  /** One after the other, in the order in which things changed. */
  let turn: Promise<void> = Promise.resolve();
  let stopped = false;
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    turn = turn.then(() => (stopped ? undefined : work()));
    return turn;
  };
  const start = async (): Promise<void> => {
    try {
      session = await startSession({
        ...options,
        module: watched.module,
        config: readConfig(options.config, options.command),
        reloadable: true,
      });
      void session.ended.then(end);
      onEvent({ kind: "started", session });
    } catch (error) {
      onEvent({ kind: "failed", what: "start", error: error as Error });
    }
  };
  const reload = async (what: "code" | "configuration", change: Change, buildMs: number | null): Promise<void> => {
    if (!session) return start();
    try {
      onEvent({ kind: "reload", what, buildMs, reload: await session.reload(change) });
    } catch (error) {
      onEvent({ kind: "failed", what: "reload", error: error as Error });
    }
  };
  const built = (outcome: BuildResult | Error): Promise<void> => {
    if (outcome instanceof Error) {
      onEvent({ kind: "failed", what: "build", error: outcome });
      return Promise.resolve();
    }
    return inTurn(() => reload("code", { file: outcome.wasmFile }, outcome.milliseconds));
  };
  const configured = async (): Promise<void> => {
    try {
      await reload("configuration", { config: readConfig(options.config, options.command) }, null);
    } catch (error) {
      onEvent({ kind: "failed", what: "configuration", error: error as Error });
    }
  };

  if (options.config !== undefined && existsSync(options.config)) {
    const close = await watchFile(options.config, () => void inTurn(configured));
    closers.push(close);
  }
  if (watched.entry !== null) {
    const { entry, debug, module } = watched;
    const watch = watchModule(entry, { debug, outFile: module.file }, built);
    closers.push(() => watch.close());
  } else {
    const { file } = watched.module;
    const close = await watchFile(file, () => void inTurn(() => reload("code", { file }, null)));
    closers.push(close);
    await inTurn(start);
  }
  return {
    ended,
    stop: async () => {
      stopped = true;
      for (const close of closers.splice(0)) await close();
      await turn;
      await session?.stop();
    },
  };
}
