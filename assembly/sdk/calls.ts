/**
 * Calls that wait for an answer, and whom it is for.
 *
 * The host answers with the id of the call. The context that made it may be gone by then: whether it still is there the host knows, because
 * it refuses to make a context effective that it has deleted. Such an answer is dropped.
 */
import { proxy_set_effective_context } from "../abi/hostcalls";

/** How a call was started, and how it ended. */
export enum CallOutcome {
  /** The call is on its way; the answer will come. */
  Sent = 0,
  /** An answer has come. */
  Success = 1,
  /** No answer: it took longer than the timeout, the connection was reset, or no endpoint was there. */
  Failed = 2,
  /** Not sent: the host knows no such cluster. */
  UnknownCluster = 3,
  /** Not sent: the host refused it for another reason, such as restricted capabilities. */
  Refused = 4,
}

/** One call or stream, with what is to be done with its answer. */
export abstract class Pending {
  constructor(readonly owner: u32) {}
}

/** Waiting calls of one kind, by the host's id for them. */
export class PendingCalls {
  private waiting: Map<u64, Pending> = new Map();
  private sweepAt: i32 = 64;

  add(callId: u32, call: Pending): void {
    if (this.waiting.size >= this.sweepAt) this.sweep(call.owner);
    this.waiting.set(keyOf(call.owner, callId), call);
  }

  /** The call that the answer is for; null when nobody waits for it. The host names the context that made the call, or its plugin context. */
  find(contextId: u32, callId: u32): Pending | null {
    const key = keyOf(contextId, callId);
    if (this.waiting.has(key)) return this.waiting.get(key);
    const calls = this.waiting.values();
    const keys = this.waiting.keys();
    for (let i = 0; i < keys.length; i++) if (<u32>keys[i] == callId) return calls[i];
    return null;
  }

  remove(call: Pending, callId: u32): void {
    this.waiting.delete(keyOf(call.owner, callId));
  }

  /** The host cancels the calls of streams that end and never answers them: what waits for those is forgotten here. */
  private sweep(current: u32): void {
    const keys = this.waiting.keys();
    const calls = this.waiting.values();
    for (let i = 0; i < keys.length; i++) if (!makeEffective(calls[i].owner)) this.waiting.delete(keys[i]);
    makeEffective(current);
    this.sweepAt = max(64, this.waiting.size * 2);
  }
}

function keyOf(owner: u32, callId: u32): u64 {
  return ((<u64>owner) << 32) | <u64>callId;
}

/** Whether the context that made a call still is there to be answered; hostcalls then act for it. `current` is the context of the callback. */
export function canAnswer(owner: u32, current: u32): bool {
  // The host calls back with the context that made the call; it need not be asked about that one.
  return owner == current || makeEffective(owner);
}

/** Makes hostcalls act for `contextId`; false when the host has it no longer. Spec: v0.2.1 #proxy_set_effective_context */
export function makeEffective(contextId: u32): bool {
  return proxy_set_effective_context(contextId) == 0;
}
