/** Parameters of the methods that filters override, as compat declares them: what an older SDK had fewer of, or of other types, is made to fit. */

export interface Parameter {
  readonly name: string;
  readonly type: string;
}

const SIZE = "body_buffer_length: usize, end_of_stream: bool";
const HEADERS = "a: u32, end_of_stream: bool";

const METHODS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    createContext: "context_id: u32",
    validateConfiguration: "configuration_size: usize",
    onConfigure: "configuration_size: u32",
    onStart: "vm_configuration_size: usize",
    onTick: "",
    onQueueReady: "token: u32",
    onHttpCallResponse: "token: u32, headers: u32, body_size: u32, trailers: u32",
    on_grpc_receive_initial_metadata: "token: u32, headers: u32",
    on_grpc_trailing_metadata: "token: u32, trailers: u32",
    on_grpc_receive: "token: u32, response_size: u32",
    on_grpc_close: "token: u32, status_code: u32",
    onDownstreamData: "size: usize, end: bool",
    onUpstreamData: "size: usize, end: bool",
    onRequestHeaders: HEADERS,
    onRequestMetadata: "a: u32",
    onRequestBody: SIZE,
    onRequestTrailers: "a: u32",
    onResponseHeaders: HEADERS,
    onResponseMetadata: "a: u32",
    onResponseBody: SIZE,
    onResponseTrailers: "s: u32",
  }),
);

/** The parameters of a method of compat's contexts; null for any other. */
export function parametersOf(method: string): Parameter[] | null {
  const list = METHODS.get(method);
  return list === undefined ? null : parameters(list);
}

/** Of what `registerRootContext` takes. */
export const FACTORY: readonly Parameter[] = parameters("context_id: u32");
/** Of what `httpCall` calls back. */
export const HTTP_CALLBACK: readonly Parameter[] = parameters("origin_context: BaseContext, headers: u32, body_size: usize, trailers: u32");

function parameters(list: string): Parameter[] {
  return list
    .split(", ")
    .filter(each => each !== "")
    .map(each => {
      const [name = "", type = ""] = each.split(": ");
      return { name, type };
    });
}
