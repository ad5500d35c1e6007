import { textOf } from "../bytes.ts";
import { LOG_LEVELS } from "../log.ts";
import { decodePairs } from "../pairs.ts";
import { Status } from "../status.ts";
import type { Vm } from "../vm.ts";
import type { HostFunctions } from "./types.ts";

const STREAM_TYPES = 4;

/** Logging, time, contexts and streams. */
export const contextCalls: HostFunctions = {
  proxy_log(vm: Vm, level: number, pointer: number, size: number) {
    if (level >= LOG_LEVELS.length) return Status.BadArgument;
    const message = vm.memory.text(pointer, size);
    if (message === null) return Status.InvalidMemoryAccess;
    return vm.context.log(level, textOf(message));
  },

  proxy_get_log_level(vm: Vm, out: number) {
    return vm.memory.setWord(out, LOG_LEVELS.indexOf(vm.host.log.level)) ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_get_status(vm: Vm, codeOut: number, messageOut: number, sizeOut: number) {
    const status = vm.context.root?.status ?? { code: 0, message: "" };
    if (!vm.memory.setWord(codeOut, status.code)) return Status.InvalidMemoryAccess;
    return vm.give(Buffer.from(status.message), messageOut, sizeOut) ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_get_current_time_nanoseconds(vm: Vm, out: number) {
    return vm.memory.setLong(out, vm.host.clock.now) ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_set_tick_period_milliseconds(vm: Vm, period: number) {
    vm.context.root?.setTickPeriod(period);
    return Status.Ok;
  },

  proxy_set_effective_context(vm: Vm, id: number) {
    if (!vm.contexts.has(id)) return Status.BadArgument;
    vm.effectiveId = id;
    return Status.Ok;
  },

  proxy_done(vm: Vm) {
    return vm.host.done(vm, vm.context);
  },

  proxy_continue_stream(vm: Vm, type: number) {
    return type >= STREAM_TYPES ? Status.BadArgument : vm.context.continueStream(type);
  },

  proxy_close_stream(vm: Vm, type: number) {
    return type >= STREAM_TYPES ? Status.BadArgument : vm.context.closeStream(type);
  },

  proxy_send_local_response(
    vm: Vm,
    status: number,
    details: number,
    detailsSize: number,
    body: number,
    bodySize: number,
    headers: number,
    headersSize: number,
    grpcStatus: number,
  ) {
    const { memory } = vm;
    const given = {
      details: memory.text(details, detailsSize),
      body: memory.text(body, bodySize),
      pairs: memory.read(headers, headersSize),
    };
    if (given.details === null || given.body === null || given.pairs === null) return Status.InvalidMemoryAccess;
    vm.context.sendLocalResponse({ status, details: given.details, body: given.body, headers: decodePairs(given.pairs), grpcStatus });
    vm.stopIteration = true;
    return Status.Ok;
  },

  pthread_equal: (_vm: Vm, left: number, right: number) => (left === right ? 1 : 0),
  emscripten_notify_memory_growth: () => undefined,
};
