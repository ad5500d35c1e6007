import { complain } from "./bytes";
import { continue_request } from "./hostcalls";

/** What root contexts and stream contexts have in common. */
export abstract class BaseContext {
  context_id: u32;
  /** Answers that this context waits for; see http-callback.ts. */
  compatWaiting: i32 = 0;

  /** The id may be left out: whoever registers the context sets it. */
  constructor(context_id_: u32 = 0) {
    this.context_id = context_id_;
  }

  continueRequest(): void {
    const status = continue_request();
    if (status != 0) complain("continueRequest", status);
  }

  /** The stream, or the plugin, ends; false puts the end off until `done()`. */
  onDone(): bool {
    return true;
  }

  /** Nothing comes after this. */
  onDelete(): void {}
}
