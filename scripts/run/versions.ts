import { placeModule, type Reload, removeModule } from "./reload.ts";

/** Module and configuration. */
export interface Version {
  /** In Envoy's folder. */
  readonly wasm: string;
  readonly config: unknown;
}

/** What has changed; an absent part stays as it was given last, even if that was refused: new code may wait for its new configuration. */
export interface Change {
  readonly file?: string;
  readonly config?: unknown;
}

/** Makes versions out of changes, hands them to `publish` one after the other, and removes modules that nobody needs any more. */
export function publisher(
  start: Version,
  { folder, name }: { folder: string; name: string },
  publish: (version: Version) => Promise<Reload>,
): (change: Change) => Promise<Reload> {
  let served = start;
  let given = start;
  let turn: Promise<unknown> = Promise.resolve();

  const publishNext = async (change: Change): Promise<Reload> => {
    const before = [served.wasm, given.wasm];
    given = {
      wasm: change.file === undefined ? given.wasm : await placeModule(folder, name, change.file),
      config: "config" in change ? change.config : given.config,
    };
    const outcome = await publish(given);
    if (outcome.accepted) served = given;
    for (const wasm of before) if (wasm !== served.wasm && wasm !== given.wasm) await removeModule(wasm);
    return outcome;
  };
  return change => {
    const published = turn.then(() => publishNext(change));
    turn = published.catch(() => {});
    return published;
  };
}
