import type { MutableBody } from "./body.ts";
import type { ByteString } from "./bytes.ts";
import type { HeaderMap } from "./header-map.ts";
import { LOG_LEVELS, type LogLevel } from "./log.ts";
import type { PluginSettings } from "./plugin.ts";
import type { PluginContext } from "./plugin-context.ts";
import { Status } from "./status.ts";
import type { StreamInfo } from "./stream-info.ts";
import type { Vm } from "./vm.ts";

/** Bytes that a module may read, and sometimes write. */
export interface ReadableBuffer {
  readonly length: number;
  read(start: number, length: number): Buffer;
  /** Absent: the buffer can't be changed. */
  write?(start: number, length: number, data: Buffer): number;
}

const LAST_STREAM_BUFFER = 3;
const FOREIGN_ARGUMENTS = 8;

/** What all contexts have in common; what a kind of context lacks is answered as the host answers it. */
export abstract class Context {
  readonly vm: Vm;
  readonly id: number;
  readonly settings: PluginSettings;
  /** Whether the module knows the context (or would, if it had asked to). */
  created = false;

  constructor(vm: Vm, id: number, settings: PluginSettings) {
    this.vm = vm;
    this.id = id;
    this.settings = settings;
    vm.contexts.set(id, this);
  }

  /** The plugin context that this context runs under, or itself. Null for the VM's own context. */
  abstract get root(): PluginContext | null;
  protected abstract get logPrefix(): string;

  /** The stream that properties are about; null outside of streams. */
  get info(): StreamInfo | null {
    return null;
  }

  /** The stream in which properties can be set. */
  get mutableInfo(): StreamInfo | null {
    return null;
  }

  get rootId(): string {
    return this.settings.rootId;
  }

  /** Calls the callback if the module exports it; `otherwise` when it does not, or has trapped before. */
  protected run(callback: string, otherwise: number, ...args: number[]): number {
    if (this.vm.failed || !this.vm.exports(callback)) return otherwise;
    return this.vm.callback(() => this.vm.call(this, callback, this.id, ...args));
  }

  log(level: number, message: string): number {
    this.vm.host.log.plugin(LOG_LEVELS[level] as LogLevel, this.logPrefix, message);
    return Status.Ok;
  }

  // Header maps: null is "not available now".
  map(_type: number): HeaderMap | null {
    return null;
  }
  readableMap(_type: number): HeaderMap | null {
    return null;
  }
  /** The access log's phase answers that a map is missing with NotFound. */
  get inLogPhase(): boolean {
    return false;
  }

  /** The buffer that was looked at last: the host keeps one, which is also the one of type 8. */
  #lastBuffer: ReadableBuffer | null = null;

  /** A buffer by its type; null when there is none now. */
  buffer(type: number): ReadableBuffer | null {
    if (type === FOREIGN_ARGUMENTS) return this.#lastBuffer ?? constantBuffer(Buffer.alloc(0));
    const buffer = this.findBuffer(type);
    if (buffer) this.#lastBuffer = buffer;
    return buffer;
  }

  findBuffer(type: number): ReadableBuffer | null {
    // Bodies and data that are not there read as empty.
    return type <= LAST_STREAM_BUFFER ? constantBuffer(Buffer.alloc(0)) : null;
  }

  // The stream, for what is none: nothing happens, and all is well.
  continueStream(type: number): number {
    return type === 3 ? Status.Unimplemented : type > 3 ? Status.BadArgument : Status.Ok;
  }
  closeStream(_type: number): number {
    return Status.Ok;
  }
  sendLocalResponse(_response: LocalResponse): void {}
  clearRouteCache(): void {}

  onDone(): boolean {
    return this.run("proxy_on_done", 1) !== 0;
  }

  onDelete(): void {
    if (this.created) this.run("proxy_on_delete", 0);
  }
}

/** What `proxy_send_local_response` asks for. */
export interface LocalResponse {
  status: number;
  details: ByteString;
  body: ByteString;
  headers: [ByteString, ByteString][];
  /** Not one of gRPC's: the host derives it. */
  grpcStatus: number;
}

/** A buffer over bytes that stay as they are. */
export function constantBuffer(data: Buffer): ReadableBuffer {
  return { length: data.length, read: (start, length) => data.subarray(start, start + length) };
}

/** A buffer over a body in the making. */
export function bodyBuffer(body: MutableBody): ReadableBuffer {
  return {
    get length() {
      return body.length;
    },
    read: (start, length) => body.data.subarray(start, start + length),
    write: (start, length, data) => body.write(start, length, data),
  };
}
