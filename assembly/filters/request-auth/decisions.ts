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
  /** In the same bucket. */
  next: Question | null = null;
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

  /** By which it is found: the digest's first bytes. */
  get key(): u64 {
    return load<u64>(changetype<usize>(this.digest));
  }

  isFor(digest: usize): bool {
    return sameDigest(changetype<usize>(this.digest), digest);
  }
}

const FEWEST_BUCKETS: i32 = 16;
const MOST_BUCKETS: i32 = 16_384;

/** Questions by their digest; the oldest answers go when there are too many. */
export class Decisions {
  private readonly buckets: StaticArray<Question | null>;
  /** Digests in the order of their answers: a ring. */
  private readonly order: StaticArray<u64>;
  private next: i32 = 0;

  constructor(maxEntries: i32) {
    this.order = new StaticArray<u64>(maxEntries);
    let buckets = FEWEST_BUCKETS;
    while (buckets < maxEntries && buckets < MOST_BUCKETS) buckets *= 2;
    this.buckets = new StaticArray<Question | null>(buckets);
  }

  private bucketOf(key: u64): i32 {
    return <i32>key & (this.buckets.length - 1);
  }

  private known(key: u64): Question | null {
    let question = this.buckets[this.bucketOf(key)];
    while (question != null && question.key != key) question = question.next;
    return question;
  }

  private forget(question: Question): void {
    const bucket = this.bucketOf(question.key);
    let before: Question | null = null;
    let other = this.buckets[bucket];
    while (other != null && other != question) {
      before = other;
      other = other.next;
    }
    if (other == null) return;
    if (before == null) this.buckets[bucket] = question.next;
    else before.next = question.next;
  }

  /** The question with this digest, when it is being asked, or answered and still valid. */
  find(digest: usize, now: u64): Question | null {
    const question = this.known(load<u64>(digest));
    if (question == null || !question.isFor(digest)) return null;
    return question.decision == null || question.expires > now ? question : null;
  }

  /** A question that is asked now. */
  ask(digest: usize, stream: RequestAuthStream): Question {
    const question = new Question(digest, stream);
    // An answer that is too old, or is for another digest that begins alike.
    const earlier = this.known(question.key);
    if (earlier != null) this.forget(earlier);
    const bucket = this.bucketOf(question.key);
    question.next = this.buckets[bucket];
    this.buckets[bucket] = question;
    return question;
  }

  /** Remembers an answer until `expires`; in the past, it is forgotten at once. */
  answer(question: Question, decision: Decision, expires: u64, now: u64): void {
    question.decision = decision;
    question.expires = expires;
    // Another question may stand in this one's place by now.
    if (this.known(question.key) != question) return;
    if (expires <= now) return this.forget(question);
    this.forgetOldest();
    this.order[this.next] = question.key;
    this.next = (this.next + 1) % this.order.length;
  }

  private forgetOldest(): void {
    const oldest = this.known(this.order[this.next]);
    // What is being asked again is not the old answer any more.
    if (oldest != null && oldest.decision != null) this.forget(oldest);
  }
}
