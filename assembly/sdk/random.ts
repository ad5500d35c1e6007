import { random_get } from "../abi/hostcalls";
import { Random } from "../std/random";
import { Clock } from "./clock";

const SEED: usize = memory.data(32, 8);
let generator: Random | null = null;

/**
 * Numbers for ids: 64 bits a call, none of them a hostcall. Seeded once for each VM, so once for each worker of Envoy, with 32 bytes of
 * the host's entropy. Not for secrets.
 */
export function random(): Random {
  const known = generator;
  if (known != null) return known;
  if (random_get(SEED, 32) != 0) {
    // No entropy (the host may restrict it): the clock and the address of a fresh object still differ between workers.
    store<u64>(SEED, Clock.now());
    store<u64>(SEED, Clock.now() ^ 0x9e3779b97f4a7c15, 8);
  }
  const fresh = new Random(load<u64>(SEED), load<u64>(SEED, 8), load<u64>(SEED, 16), load<u64>(SEED, 24));
  generator = fresh;
  return fresh;
}
