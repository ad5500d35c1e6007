import { LogLevelValues } from "../enums";
import { log } from "../hostcalls";

/** Gcore's stores. Envoy has none, so `open` answers null, as for a store that there is not, and the log says why. */
export class KvStore {
  private constructor() {}

  static open(storeName: string): KvStore | null {
    log(LogLevelValues.error, "KvStore.open " + storeName + ": Envoy has no such stores; get_shared_data and set_shared_data keep values");
    return null;
  }

  get(key: string): ArrayBuffer | null {
    return null;
  }

  scan(pattern: string): Array<string> {
    return [];
  }

  zrangeByScore(key: string, min: f64, max: f64): Array<ValueScoreTuple> {
    return [];
  }

  zscan(key: string, pattern: string): Array<ValueScoreTuple> {
    return [];
  }

  bfExists(key: string, item: string): boolean {
    return false;
  }

  getHandle(): u32 {
    return 0;
  }
}

export class ValueScoreTuple {
  constructor(
    public value: ArrayBuffer,
    public score: number,
  ) {}
}
