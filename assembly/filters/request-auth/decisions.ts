/**
 * What the service decided, remembered for a while, and what it is asked right now. One call at a time for the same question: further
 * requests with it wait for that answer.
 */
import { DIGEST_SIZE, sameDigest } from "../../std/sha256";
import { Identity } from "./identity";
import { RequestAuthStream } from "./stream";

/** An answer: the identity where the request may pass, otherwise the status that refuses it. */
export class Decision {
  constructor(
    /** 0 lets the request pass. */
    readonly refusal: u32,
    readonly identity: Identity | null,
    /** Whether the service gave it; what stands in for its answer is not remembered. */
    readonly given: bool,
  ) {}
}

/** One question, asked or answered. */
export class Question {
  readonly digest: StaticArray<u8> = new StaticArray<u8>(32);
  decision: Decision | null = null;
  expires: u64 = 0;
  /** Streams by their numbers. */
  waiting: u32[] = [];

  constructor(
    digest: usize,
    /** Serves all of them. */
    readonly stream: RequestAuthStream,
  ) {
    memory.copy(changetype<usize>(this.digest), digest, DIGEST_SIZE);
  }

  isFor(digest: usize): bool {
    return sameDigest(changetype<usize>(this.digest), digest);
  }
}

/** Questions by their digest; the oldest answers go when there are too many. */
export class Decisions {
  private readonly known: Map<u64, Question> = new Map();
  /** Digests in the order of their answers: a ring. */
  private readonly order: StaticArray<u64>;
  private next: i32 = 0;

  constructor(maxEntries: i32) {
    this.order = new StaticArray<u64>(maxEntries);
  }

  /** The question with this digest, when it is being asked, or answered and still valid. */
  find(digest: usize, now: u64): Question | null {
    const key = load<u64>(digest);
    if (!this.known.has(key)) return null;
    const question = this.known.get(key);
    if (!question.isFor(digest)) return null;
    return question.decision == null || question.expires > now ? question : null;
  }

  /** A question that is asked now. */
  ask(digest: usize, stream: RequestAuthStream): Question {
    const question = new Question(digest, stream);
    this.known.set(load<u64>(digest), question);
    return question;
  }

  /** Remembers an answer until `expires`; in the past, it is forgotten at once. */
  answer(question: Question, decision: Decision, expires: u64, now: u64): void {
    question.decision = decision;
    question.expires = expires;
    const key = load<u64>(changetype<usize>(question.digest));
    // Another question may stand in this one's place by now.
    if (!this.known.has(key) || this.known.get(key) != question) return;
    if (expires <= now) {
      this.known.delete(key);
      return;
    }
    this.forgetOldest();
    this.order[this.next] = key;
    this.next = (this.next + 1) % this.order.length;
  }

  private forgetOldest(): void {
    const oldest = this.order[this.next];
    if (!this.known.has(oldest)) return;
    // What is being asked again is not the old answer any more.
    if (this.known.get(oldest).decision != null) this.known.delete(oldest);
  }
}
