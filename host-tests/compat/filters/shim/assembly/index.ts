// What wasi-shim and the SDK's smaller files bring to filters for Gcore.
export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";

import { Context, FilterHeadersStatusValues, RootContext, registerRootContext, stream_context } from "@gcoredev/proxy-wasm-sdk-as/assembly";
import { ItemParser, parseBufferToList, StringParser } from "@gcoredev/proxy-wasm-sdk-as/assembly/fastedge/utils/listParser";

/** At the top level of the module. */
const BEGUN = Date.now();
const NAME = process.env.has("NAME") ? process.env.get("NAME") : "nobody";

class SizeParser extends ItemParser<string> {
  parseItem(buffer: ArrayBuffer, dataIndex: u32, itemSize: u32): string | null {
    return itemSize == 0 ? null : itemSize.toString();
  }

  createEmptyArray(): Array<string> {
    return [];
  }
}

class Root extends RootContext {
  createContext(id: u32): Context {
    return new Stream(id, this);
  }
}

class Stream extends Context {
  constructor(id: u32, root: Root) {
    super(id, root);
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const headers = stream_context.headers.request;
    process.stdout.write("to the output\n");
    process.stdout.write(String.UTF8.encode("bytes to the output"));
    process.stderr.write("to the error\n");
    console.assert(count > 0, "not shown");
    console.assert(count == 0, "shown");
    console.time("work");
    console.timeLog("work");
    console.timeEnd("work");
    console.timeEnd("work");
    trace("traced", 2, 1.5, -2);
    headers.add("x-process", `${process.arch} ${process.platform} ${process.argv.length} ${process.env.get("NAME")}`);
    headers.add("x-clock", `${process.time() > 1_700_000_000_000} ${process.hrtime() > 0}`);
    const random = new Uint8Array(64);
    crypto.getRandomValues(random.subarray(0, 32));
    headers.add("x-random", `${random.subarray(0, 32).some(byte => byte != 0)} ${random.subarray(32).every(byte => byte == 0)}`);
    // Two items, `ab` and one that is empty; a third is announced and cut off.
    const list = Uint8Array.wrap(new ArrayBuffer(20));
    list.set([3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 97, 98, 0, 0]);
    const texts = parseBufferToList<string>(list.buffer, new StringParser());
    headers.add("x-list", `${texts.join("|")} ${texts.length} ${parseBufferToList<string>(list.buffer, new SizeParser()).join("|")}`);
    headers.add("x-empty", parseBufferToList<string>(new ArrayBuffer(0), new StringParser()).length.toString());
    headers.add("x-begun", `${BEGUN > 1_700_000_000_000} ${Date.now() - BEGUN < 3_600_000} ${NAME}`);
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((id: u32) => new Root(id), "shim");
