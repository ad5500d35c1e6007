/**
 * Calls that wait for an answer, and whom it is for.
 *
 * The host answers with the id of the call. The context that made it may be gone by then: whether it still is there the host knows, because
 * it refuses to make a context effective that it has deleted. Such an answer is dropped.
 */
import { proxy_set_effective_context } from "../abi/hostcalls";
import { noteEffective } from "./continuing";

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
  /** The host's number for it. */
  callId: u32 = 0;
  /** In the same bucket. */
  next: Pending | null = null;

  constructor(readonly owner: u32) {}
}

const BUCKETS: u32 = 64;

/** Waiting calls of one kind, by the host's number for them. */
export class PendingCalls {
  private readonly buckets: StaticArray<Pending | null> = new StaticArray<Pending | null>(BUCKETS);
  private count: i32 = 0;
  private sweepAt: i32 = 64;

  add(callId: u32, call: Pending): void {
    if (this.count >= this.sweepAt) this.sweep(call.owner);
    call.callId = callId;
    const bucket = callId % BUCKETS;
    call.next = this.buckets[bucket];
    this.buckets[bucket] = call;
    this.count++;
  }

  /** The call that the answer is for; null when nobody waits for it. The host names the context that made the call, or its plugin context. */
  find(contextId: u32, callId: u32): Pending | null {
    let found: Pending | null = null;
    let call = this.buckets[callId % BUCKETS];
    while (call != null) {
      if (call.callId == callId) {
        if (call.owner == contextId) return call;
        found = call;
      }
      call = call.next;
    }
    return found;
  }

  remove(call: Pending): void {
    const bucket = call.callId % BUCKETS;
    let before: Pending | null = null;
    let other = this.buckets[bucket];
    while (other != null && other != call) {
      before = other;
      other = other.next;
    }
    if (other == null) return;
    if (before == null) this.buckets[bucket] = call.next;
    else before.next = call.next;
    this.count--;
  }

  /** The host cancels the calls of streams that end and never answers them: what waits for those is forgotten here. */
  private sweep(current: u32): void {
    for (let bucket: u32 = 0; bucket < BUCKETS; bucket++) {
      let call = this.buckets[bucket];
      while (call != null) {
        const next = call.next;
        if (!makeEffective(call.owner)) this.remove(call);
        call = next;
      }
    }
    makeEffective(current);
    this.sweepAt = max(64, this.count * 2);
  }
}

/** Whether the context that made a call still is there to be answered; hostcalls then act for it. `current` is the context of the callback. */
export function canAnswer(owner: u32, current: u32): bool {
  // The host calls back with the context that made the call; it need not be asked about that one.
  return owner == current || makeEffective(owner);
}

/** Makes hostcalls act for `contextId`; false when the host has it no longer. Spec: v0.2.1 #proxy_set_effective_context */
export function makeEffective(contextId: u32): bool {
  if (proxy_set_effective_context(contextId) != 0) return false;
  noteEffective(contextId);
  return true;
}
