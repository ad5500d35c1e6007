import { toBytes } from "./bytes.ts";
import type { Expression } from "./cel/index.ts";
import { bodyBuffer, Context, constantBuffer, type ReadableBuffer } from "./context.ts";
import type { PropertyDeclaration } from "./filter-state.ts";
import { GrpcCalls } from "./grpc-calls.ts";
import type { HeaderMap } from "./header-map.ts";
import { HttpCalls } from "./http-calls.ts";
import type { PluginSettings } from "./plugin.ts";
import type { Vm } from "./vm.ts";

/** Types of `proxy_get_header_map_*` and `proxy_get_buffer_bytes` that belong to answers of calls. */
const GRPC_INITIAL = 4;
const GRPC_TRAILING = 5;
const CALL_HEADERS = 6;
const CALL_TRAILERS = 7;
const CALL_BODY = 4;
const GRPC_MESSAGE = 5;
const VM_CONFIGURATION = 6;
const PLUGIN_CONFIGURATION = 7;

/** A plugin (root) context: one configuration of a plugin in a VM. */
export class PluginContext extends Context {
  readonly httpCalls: HttpCalls;
  readonly grpcCalls: GrpcCalls;
  /** What `proxy_get_status` answers. */
  status: { code: number; message: string } = { code: 0, message: "" };
  /** CEL expressions, by token. */
  readonly expressions = new Map<number, Expression>();
  nextExpression = 0;
  /** What `declare_property` declared, by name. */
  readonly declarations = new Map<string, PropertyDeclaration>();
  /** Streams and configurations that use this context; it is done when there are none. */
  holders = 0;
  /** Its VM in use has refused it, and Envoy goes on without it: streams pass it by. */
  isLeftOut = false;
  #configuring = false;
  #stopTimer: () => void = () => {};
  #period = 0;

  constructor(vm: Vm, settings: PluginSettings) {
    super(vm, vm.allocateContextId(), settings);
    this.httpCalls = new HttpCalls(this);
    this.grpcCalls = new GrpcCalls(this);
  }

  get root(): PluginContext {
    return this;
  }

  protected get logPrefix(): string {
    return this.settings.rootPrefix;
  }

  /** `proxy_on_context_create` and `proxy_on_vm_start`; false refuses the VM. */
  onStart(): boolean {
    return this.vm.callback(() => {
      if (this.vm.exports("proxy_on_context_create")) {
        this.vm.call(this, "proxy_on_context_create", this.id, 0);
        this.created = true;
      }
      if (this.vm.failed || !this.vm.exports("proxy_on_vm_start")) return true;
      return this.vm.call(this, "proxy_on_vm_start", this.id, this.settings.vmConfiguration.length) !== 0;
    });
  }

  /** `proxy_on_configure`; false refuses the configuration. */
  onConfigure(): boolean {
    if (this.vm.failed) return true;
    this.created = true;
    this.#configuring = true;
    const accepted = this.run("proxy_on_configure", 1, this.settings.configuration.length) !== 0;
    this.#configuring = false;
    return accepted;
  }

  onQueueReady(token: number): void {
    this.run("proxy_on_queue_ready", 0, token);
  }

  /** Starts, changes or (0) stops the timer. */
  setTickPeriod(milliseconds: number): void {
    this.#stopTimer();
    this.#period = milliseconds;
    if (milliseconds > 0) this.#arm();
  }

  #arm(): void {
    this.#stopTimer = this.vm.host.clock.after(this.#period, () => {
      // The timer belongs to the VM: it goes on until the VM is gone, whatever became of the context.
      if (this.vm.gone || !this.vm.contexts.has(this.id)) return;
      const period = this.#period;
      this.run("proxy_on_tick", 0);
      if (this.#period > 0 && this.#period === period) this.#arm();
    });
  }

  override readableMap(type: number): HeaderMap | null {
    if (type === GRPC_INITIAL) return this.grpcCalls.initialMetadata;
    if (type === GRPC_TRAILING) return this.grpcCalls.trailingMetadata;
    if (type === CALL_HEADERS) return this.httpCalls.answer?.headers ?? null;
    if (type === CALL_TRAILERS) return this.httpCalls.answer?.trailers ?? null;
    return null;
  }

  override findBuffer(type: number): ReadableBuffer | null {
    if (type === CALL_BODY) return this.httpCalls.answer ? constantBuffer(this.httpCalls.answer.body) : null;
    if (type === GRPC_MESSAGE) return this.grpcCalls.message ? bodyBuffer(this.grpcCalls.message) : constantBuffer(Buffer.alloc(0));
    if (type === VM_CONFIGURATION) return constantBuffer(toBytes(this.settings.vmConfiguration));
    if (type === PLUGIN_CONFIGURATION) return this.#configuring ? constantBuffer(toBytes(this.settings.configuration)) : null;
    return super.findBuffer(type);
  }

  /** The end: its calls are cancelled, and the module hears no more. */
  destroy(): void {
    this.setTickPeriod(0);
    this.httpCalls.cancelAll();
    this.grpcCalls.cancelAll();
    this.vm.forget(this);
  }

  /** A callback for an answer. */
  answered(callback: string, ...args: number[]): void {
    this.run(callback, 0, ...args);
  }
}
