import { noBytes, takeBytes } from "../bytes";
import { WasmResultValues } from "../enums";
import { askProperty } from "../hostcalls";

export class GetPropertyResult {
  constructor(
    public returnValue: ArrayBuffer,
    public status: WasmResultValues,
  ) {}
}

/** The parts of a path are parted by 0. */
export function get_property(path: string): GetPropertyResult {
  const status = askProperty(path);
  return new GetPropertyResult(status == WasmResultValues.Ok ? takeBytes() : noBytes(), status);
}
