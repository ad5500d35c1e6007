import { Status } from "../abi/enums";
import { proxy_get_shared_data, proxy_set_shared_data } from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { presentSlice, Slice, sliceLength, slicePointer } from "../std/slice";
import { sliceToString } from "../std/utf8";
import { textSlice } from "./text";

/** A value and the version of it that `compareAndSet` compares. */
export class SharedValue {
  constructor(
    /** The value; a copy. */
    readonly bytes: Uint8Array,
    /** Changes with every write. */
    readonly version: u32,
  ) {}

  /** The value as text (U+FFFD for what is no UTF-8). */
  get text(): string {
    return sliceToString(presentSlice(this.bytes.dataStart, this.bytes.byteLength));
  }
}

/** Computes the next value of a key from the one that is there; see `SharedData.update`. */
export abstract class SharedUpdate {
  /** The next value, or null to leave what is there. May be asked again, when somebody else was faster. */
  abstract next(current: Uint8Array | null): Uint8Array | null;
}

const ATTEMPTS: i32 = 32;
/** A version that no value has. The host compares versions only of keys that are there, so with this one a key is created or not touched. */
const ABSENT_VERSION: u32 = u32.MAX_VALUE;

/** Values by key that all VMs of one vm_id share, in all workers. */
export class SharedData {
  /** The value of `key`, or null when there is none. An empty value is no bytes, not null. Spec: v0.2.1 #proxy_get_shared_data */
  static get(key: string): SharedValue | null {
    const name = textSlice(key);
    if (proxy_get_shared_data(slicePointer(name), sliceLength(name), OUT, OUT + 4, OUT_SIZE) != 0) return null;
    const size = load<u32>(OUT, 4);
    const bytes = new Uint8Array(size);
    if (size > 0) memory.copy(bytes.dataStart, load<usize>(OUT), size);
    return new SharedValue(bytes, load<u32>(OUT_SIZE));
  }

  /** Sets `key`, whatever is there. Spec: v0.2.1 #proxy_set_shared_data */
  static set(key: string, value: Uint8Array): Status {
    return SharedData.write(key, presentSlice(value.dataStart, value.byteLength), 0);
  }

  /** As `set`, for a key whose bytes are there already. */
  static setView(key: Slice, value: Uint8Array): Status {
    return proxy_set_shared_data(slicePointer(key), sliceLength(key), value.dataStart, value.byteLength, 0);
  }

  /** As `set`, for text. */
  static setText(key: string, value: string): Status {
    return SharedData.write(key, textSlice(value), 0);
  }

  /** Sets `key` if its value still is `version`; `Status.CasMismatch` when somebody else was faster. */
  static compareAndSet(key: string, value: Uint8Array, version: u32): Status {
    return SharedData.write(key, presentSlice(value.dataStart, value.byteLength), version);
  }

  /**
   * Replaces the value of `key` by what `update` makes of it, or creates it, again while others are faster. `Status.CasMismatch` when that
   * went on for 32 times; then nothing was replaced.
   */
  static update(key: string, update: SharedUpdate): Status {
    let status = Status.CasMismatch;
    for (let i = 0; i < ATTEMPTS && status == Status.CasMismatch; i++) {
      const current = SharedData.get(key);
      const next = update.next(current == null ? null : current.bytes);
      if (next == null) return Status.Ok;
      status = SharedData.write(key, presentSlice(next.dataStart, next.byteLength), current == null ? ABSENT_VERSION : current.version);
    }
    return status;
  }

  private static write(key: string, value: Slice, version: u32): Status {
    const name = textSlice(key);
    return proxy_set_shared_data(slicePointer(name), sliceLength(name), slicePointer(value), sliceLength(value), version);
  }
}
