import { complain } from "./bytes";
import { WasmResultValues } from "./enums";
import { continue_request, proxy_set_effective_context } from "./hostcalls";

/** What root contexts and stream contexts have in common. */
export abstract class BaseContext {
  context_id: u32;
  /** Answers that this context waits for; see root-base.ts. */
  compatWaiting: i32 = 0;

  /** The id may be left out: whoever registers the context sets it. */
  constructor(context_id_: u32 = 0) {
    this.context_id = context_id_;
  }

  continueRequest(): void {
    const status = continue_request();
    if (status != 0) complain("continueRequest", status);
  }

  /** Hostcalls act for this context from now on, until the callback returns; versions from 0.1.2 to 0.1.7 name the context. */
  setEffectiveContext(_id: u32 = 0): WasmResultValues {
    return proxy_set_effective_context(_id == 0 ? this.context_id : _id);
  }

  /** The stream, or the plugin, ends; false puts the end off until `done()`. */
  onDone(): bool {
    return true;
  }

  /** Nothing comes after this. */
  onDelete(): void {}
}
