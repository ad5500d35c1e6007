import type { ByteString } from "./bytes.ts";
import { Status } from "./status.ts";

/** Keys and values that VMs with the same vm_id share. The number of a version is drawn for all of them together. */
export class SharedData {
  readonly #values = new Map<string, Map<ByteString, { value: ByteString; cas: number }>>();
  #lastCas = 0;

  get(vmId: string, key: ByteString): { value: ByteString; cas: number } | null {
    return this.#values.get(vmId)?.get(key) ?? null;
  }

  /** A `cas` of 0 always matches, and so does any for a new key. */
  set(vmId: string, key: ByteString, value: ByteString, cas: number): number {
    let values = this.#values.get(vmId);
    if (!values) {
      values = new Map();
      this.#values.set(vmId, values);
    }
    const existing = values.get(key);
    if (existing && cas !== 0 && cas !== existing.cas) return Status.CasMismatch;
    values.set(key, { value, cas: ++this.#lastCas });
    return Status.Ok;
  }

  /** The last VM of that vm_id is gone. */
  deleteAll(vmId: string): void {
    this.#values.delete(vmId);
  }
}
