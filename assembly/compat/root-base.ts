import { proxy_done, proxy_get_buffer_bytes, proxy_http_call } from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { BaseContext } from "./base-context";
import { complain, OUT_MORE, sliceLength, slicePointer, takeText, textSlice } from "./bytes";
import { BufferTypeValues, WasmResultValues } from "./enums";
import { Headers, pairsSlice } from "./headers";
import { proxy_set_effective_context } from "./hostcalls";
import { StreamBase } from "./stream-base";

/** An HTTP call that waits for its answer. The dialects keep the callback in a class of their own. */
export abstract class WaitingCall {
  constructor(public origin_context: BaseContext) {}

  /** All zero when the call was cancelled. */
  abstract answer(headers: u32, body_size: usize, trailers: u32): void;
}

/** One configuration of the plugin. The dialects' `RootContext` extends it with its HTTP call and the type of its stream contexts. */
export abstract class RootBase extends BaseContext {
  /** Filters read it, although the original calls it private. */
  configuration_: string = "";
  /** The stream context that serves every stream, when streams have no state of their own. */
  compatShared: StreamBase | null = null;
  private compatCalls: Map<u32, WaitingCall> = new Map();

  constructor(context_id: u32 = 0) {
    super(context_id);
  }

  /** The context of a stream; the dialects give its type. */
  abstract createContext(context_id: u32): StreamBase;

  /** The configuration as text. It is there before `onConfigure`, also when that does not call the one that it overrides. */
  getConfiguration(): string {
    return this.configuration_;
  }

  /** Reads the configuration; called before `onConfigure`. */
  compatConfigure(configuration_size: u32): void {
    const status =
      configuration_size == 0
        ? WasmResultValues.Empty
        : proxy_get_buffer_bytes(BufferTypeValues.PluginConfiguration, 0, configuration_size, OUT, OUT_SIZE);
    this.configuration_ = status == WasmResultValues.Ok ? takeText() : "";
  }

  /** Whether a configuration would do; hosts of ABI 0.2 do not ask. */
  validateConfiguration(configuration_size: usize = 0): bool {
    return true;
  }

  /** False refuses the configuration. */
  onConfigure(configuration_size: u32 = 0): bool {
    return true;
  }

  /** False refuses to start. */
  onStart(vm_configuration_size: usize = 0): bool {
    return true;
  }

  onTick(): void {}

  onQueueReady(token: u32 = 0): void {}

  onDone(): bool {
    this.cancelPendingRequests();
    return true;
  }

  /** This context, whose `onDone` answered false, has finished. */
  done(): void {
    const status = proxy_done();
    if (status != 0) complain("done", status);
  }

  /** Calls the callbacks of all calls that wait, without an answer. */
  cancelPendingRequests(): void {
    const calls = this.compatCalls.values();
    this.compatCalls.clear();
    for (let i = 0; i < calls.length; i++) {
      calls[i].origin_context.compatWaiting--;
      calls[i].answer(0, 0, 0);
    }
  }

  /** A call was answered, or failed: then all numbers are 0. */
  onHttpCallResponse(token: u32 = 0, headers: u32 = 0, body_size: u32 = 0, trailers: u32 = 0): void {
    // Not there: the stream that made it has ended, and what it would do it can do no longer.
    if (!this.compatCalls.has(token)) return;
    const call = this.compatCalls.get(token);
    this.compatCalls.delete(token);
    call.origin_context.compatWaiting--;
    proxy_set_effective_context(call.origin_context.context_id);
    call.answer(headers, body_size, trailers);
  }

  on_grpc_receive_initial_metadata(token: u32 = 0, headers: u32 = 0): void {}
  on_grpc_trailing_metadata(token: u32 = 0, trailers: u32 = 0): void {}
  on_grpc_receive(token: u32 = 0, response_size: u32 = 0): void {}
  on_grpc_close(token: u32 = 0, status_code: u32 = 0): void {}
  onForeignFunction(function_id: u32 = 0, data_size: u32 = 0): void {}

  /** Sends a call; its answer goes to `call`. */
  compatSend(
    cluster: string,
    headers: Headers,
    body: ArrayBuffer,
    trailers: Headers,
    milliseconds: u32,
    call: WaitingCall,
  ): WasmResultValues {
    const name = textSlice(cluster);
    const pairs = pairsSlice(headers);
    const trailing = pairsSlice(trailers);
    const result = <WasmResultValues>(
      proxy_http_call(
        slicePointer(name),
        sliceLength(name),
        slicePointer(pairs),
        sliceLength(pairs),
        changetype<usize>(body),
        body.byteLength,
        slicePointer(trailing),
        sliceLength(trailing),
        milliseconds,
        OUT_MORE,
      )
    );
    if (result != WasmResultValues.Ok) return result;
    this.compatCalls.set(load<u32>(OUT_MORE), call);
    call.origin_context.compatWaiting++;
    return result;
  }

  /** Whether it waits for the answer to call `token`. */
  compatWaits(token: u32): bool {
    return this.compatCalls.has(token);
  }

  /** Lets go of a stream that has ended: its answers have nobody to go to. */
  compatForget(context: BaseContext): void {
    const tokens = this.compatCalls.keys();
    for (let i = 0; i < tokens.length; i++) {
      if (this.compatCalls.get(tokens[i]).origin_context == context) this.compatCalls.delete(tokens[i]);
    }
    context.compatWaiting = 0;
  }
}
