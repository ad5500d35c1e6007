import { sameDigest } from "../../std/sha256";
import { Identity } from "./identity";

/**
 * Identities by the digest of a key. The digest's first bytes choose the place, and digests that stand in one row are compared in full: what a
 * caller can measure tells of the digest of the guess, never of a key.
 */
export class KeyTable {
  private readonly mask: u32;
  private readonly rows: StaticArray<i32>;
  private readonly digests: StaticArray<u8>[] = [];
  private readonly identities: Identity[] = [];

  /** Room for `count` keys. */
  constructor(count: i32) {
    let size = 8;
    while (size < count * 2) size *= 2;
    this.mask = size - 1;
    this.rows = new StaticArray<i32>(size);
  }

  /** Adds a key; false when it is there already. */
  add(digest: StaticArray<u8>, identity: Identity): bool {
    if (this.find(changetype<usize>(digest)) != null) return false;
    let row = load<u32>(changetype<usize>(digest)) & this.mask;
    while (this.rows[row] != 0) row = (row + 1) & this.mask;
    this.digests.push(digest);
    this.identities.push(identity);
    this.rows[row] = this.digests.length;
    return true;
  }

  /** Who the key with this digest stands for, or null. */
  find(digest: usize): Identity | null {
    let found: Identity | null = null;
    for (let row = load<u32>(digest) & this.mask; this.rows[row] != 0; row = (row + 1) & this.mask) {
      const index = this.rows[row] - 1;
      if (sameDigest(changetype<usize>(this.digests[index]), digest)) found = this.identities[index];
    }
    return found;
  }
}
