import type { ByteString } from "./bytes.ts";
import type { PluginContext } from "./plugin-context.ts";
import { Status } from "./status.ts";
import type { Vm } from "./vm.ts";

interface Queue {
  readonly vmId: string;
  /** Who is told that there is something: the plugin context that registered the queue last. */
  vm: Vm;
  contextId: number;
  readonly items: ByteString[];
}

/** Queues across VMs, by vm_id and name; a token stands for a queue in all of them. */
export class SharedQueues {
  readonly #tokens = new Map<string, number>();
  readonly #queues = new Map<number, Queue>();
  #nextToken = 1;
  readonly #post: (task: () => void) => void;

  /** `post` runs a task when no callback is under way. */
  constructor(post: (task: () => void) => void) {
    this.#post = post;
  }

  register(vm: Vm, contextId: number, name: ByteString): number {
    const { vmId } = vm.settings;
    const key = `${vmId}\0${name}`;
    const known = this.#tokens.get(key);
    const token = known ?? this.#nextToken++;
    this.#tokens.set(key, token);
    const queue = this.#queues.get(token);
    if (queue) Object.assign(queue, { vm, contextId });
    else this.#queues.set(token, { vmId, vm, contextId, items: [] });
    return token;
  }

  /** 0 when there is none. */
  resolve(vmId: string, name: ByteString): number {
    return this.#tokens.get(`${vmId}\0${name}`) ?? 0;
  }

  dequeue(token: number): ByteString | number {
    const queue = this.#queues.get(token);
    if (!queue) return Status.NotFound;
    return queue.items.shift() ?? Status.Empty;
  }

  enqueue(token: number, item: ByteString): number {
    const queue = this.#queues.get(token);
    if (!queue) return Status.NotFound;
    queue.items.push(item);
    const { vm, contextId } = queue;
    this.#post(() => {
      const context = vm.gone ? undefined : vm.contexts.get(contextId);
      if (context) (context as PluginContext).onQueueReady(token);
    });
    return Status.Ok;
  }

  /** How many items wait in a queue. */
  size(vmId: string, name: ByteString): number {
    return this.#queues.get(this.resolve(vmId, name))?.items.length ?? 0;
  }

  /** The last VM of that vm_id is gone. */
  deleteAll(vmId: string): void {
    for (const [key, token] of this.#tokens) {
      if (this.#queues.get(token)?.vmId !== vmId) continue;
      this.#queues.delete(token);
      this.#tokens.delete(key);
    }
  }
}
