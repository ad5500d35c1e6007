import { Status } from "../abi/enums";
import {
  proxy_dequeue_shared_queue,
  proxy_enqueue_shared_queue,
  proxy_register_shared_queue,
  proxy_resolve_shared_queue,
} from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { presentSlice, Slice, sliceLength, slicePointer } from "../std/slice";
import { textSlice } from "./text";

/** A queue of bytes between VMs and workers. */
export class SharedQueue {
  private constructor(
    /** The host's number for the queue, as `onQueueReady` tells it. */
    readonly id: u32,
  ) {}

  /**
   * The queue `name` of this VM, made when it is not there. The plugin context that registers it is told by `onQueueReady` when something
   * was put in. Null when the host refuses. Spec: v0.2.1 #proxy_register_shared_queue
   */
  static register(name: string): SharedQueue | null {
    const bytes = textSlice(name);
    return proxy_register_shared_queue(slicePointer(bytes), sliceLength(bytes), OUT) == 0 ? new SharedQueue(load<u32>(OUT)) : null;
  }

  /** The queue `name` that a VM with this vm_id registered, or null when there is none. Spec: v0.2.1 #proxy_resolve_shared_queue */
  static resolve(vmId: string, name: string): SharedQueue | null {
    const vm = textSlice(vmId);
    const bytes = textSlice(name);
    const status = proxy_resolve_shared_queue(slicePointer(vm), sliceLength(vm), slicePointer(bytes), sliceLength(bytes), OUT);
    return status == 0 ? new SharedQueue(load<u32>(OUT)) : null;
  }

  /** Puts bytes at the end. `Status.NotFound` when the queue is gone. Spec: v0.2.1 #proxy_enqueue_shared_queue */
  enqueue(value: Uint8Array): Status {
    return this.put(presentSlice(value.dataStart, value.byteLength));
  }

  /** As `enqueue`, for text. */
  enqueueText(value: string): Status {
    return this.put(textSlice(value));
  }

  private put(value: Slice): Status {
    return proxy_enqueue_shared_queue(this.id, slicePointer(value), sliceLength(value));
  }

  /** Takes what is first, or null when the queue is empty or gone. Spec: v0.2.1 #proxy_dequeue_shared_queue */
  dequeue(): Uint8Array | null {
    if (proxy_dequeue_shared_queue(this.id, OUT, OUT_SIZE) != 0) return null;
    const size = load<u32>(OUT_SIZE);
    const bytes = new Uint8Array(size);
    if (size > 0) memory.copy(bytes.dataStart, load<usize>(OUT), size);
    return bytes;
  }
}
