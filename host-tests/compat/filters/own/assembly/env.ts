/** The compiler names the module of an import by the file: env. */
export declare function proxy_get_buffer_bytes(type: u32, start: u32, size: u32, data: usize, dataSize: usize): u32;
