/** What the fuzzer feeds: everything that comes in goes out again, so that the test can compare bytes. */
import {
  ABSENT,
  HeadersStatus,
  HttpContext,
  JsonParser,
  JsonWriter,
  PluginContext,
  Properties,
  registerHttpFilter,
  registerPlugin,
  SharedData,
  sliceToBytes,
  textSlice,
} from "../../../assembly/index";

/** Takes every header away and puts the same bytes back; a property goes through the host's state likewise. */
class RoundTrip extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const headers = this.requestHeaders;
    const names = headers.names();
    const seen: string[] = [];
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      if (!name.startsWith("x-fuzz") || seen.includes(name)) continue;
      seen.push(name);
      const values = headers.getAllBytes(name);
      headers.get(name);
      headers.remove(name);
      for (let j = 0; j < values.length; j++) headers.addBytes(name, values[j]);
    }
    const property = headers.getBytes("x-fuzz-property");
    if (property != null) {
      Properties.setOf(textSlice("fuzz"), changetype<u64>(((<u64>property.byteLength) << 32) | <u64>property.dataStart));
      const back = Properties.view(["filter_state", "wasm.fuzz"]);
      if (back != ABSENT) headers.setBytes("x-back", Uint8Array.wrap(changetype<ArrayBuffer>(sliceToBytes(back))));
      Properties.get(["filter_state", "wasm.fuzz"]);
      Properties.integer(["filter_state", "wasm.fuzz"], -1);
      Properties.boolean(["filter_state", "wasm.fuzz"], false);
      Properties.get(["fuzz", "wasm.fuzz"]);
    }
    return HeadersStatus.Continue;
  }
}
registerHttpFilter<RoundTrip>("round-trip");

/** Parses its configuration as JSON and leaves what it understood in shared data. */
class Json extends PluginContext {
  onConfigure(): bool {
    const parser = new JsonParser(this.configuration);
    const value = parser.parse();
    const raw = new JsonWriter();
    raw.raw(this.configuration);
    SharedData.setText("raw", raw.toString());
    SharedData.setText("error", parser.error);
    SharedData.setText("json", value == null ? "" : new JsonWriter().value(value).toString());
    return true;
  }
}

registerPlugin<Json>("json");
