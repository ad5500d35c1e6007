import { proxy_set_effective_context, stream_context } from "@solo-io/proxy-runtime";

export function answered(id: u32, headers: u32, size: usize, trailers: u32): void {
  proxy_set_effective_context(id);
  stream_context.headers.request.add("x-answer", "imported");
}
