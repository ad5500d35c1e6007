//! The task, on bytes as the SDK recommends for values that nobody has checked.

use std::cell::Cell;
use std::time::UNIX_EPOCH;

use proxy_wasm::hostcalls::get_current_time;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType};

proxy_wasm::main! {{
    proxy_wasm::set_root_context(|_| Box::new(Plugin));
}}

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// splitmix64, seeded by the clock when the plugin starts.
fn next_id() -> u64 {
    STATE.with(|state| {
        let mut z = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        state.set(z);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

struct Plugin;

impl Context for Plugin {}

impl RootContext for Plugin {
    fn on_configure(&mut self, _size: usize) -> bool {
        let now = get_current_time().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        STATE.with(|state| state.set(now.map_or(1, |since| since.as_nanos() as u64)));
        true
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Task))
    }
}

struct Task;

impl Context for Task {}

impl HttpContext for Task {
    fn on_http_request_headers(&mut self, _count: usize, _end: bool) -> Action {
        let user = self.get_http_request_header_bytes("x-user-id");
        let tenant = self.get_http_request_header_bytes("x-tenant-id");
        let trace = self.get_http_request_header_bytes("traceparent");
        self.set_http_request_header_bytes("traceparent", Some(&traceparent(trace.as_deref())));
        self.set_property(vec!["span.attributes.app.version"], Some(b"1.4.2"));
        self.set_property(vec!["span.attributes.cluster.name"], Some(b"edge-1"));
        if let Some(user) = user {
            self.set_property(vec!["span.attributes.user.id"], Some(&user));
        }
        if let Some(tenant) = tenant {
            self.set_property(vec!["span.attributes.tenant.id"], Some(&tenant));
        }
        Action::Continue
    }
}

/// The field that goes upstream: the trace that came with a new parent-id, or a new trace.
fn traceparent(inbound: Option<&[u8]>) -> [u8; 55] {
    let mut outbound = *b"00-00000000000000000000000000000000-0000000000000000-01";
    match inbound {
        Some(value) if is_valid(value) => {
            outbound[3..35].copy_from_slice(&value[3..35]);
            outbound[53..55].copy_from_slice(&value[53..55]);
        }
        _ => {
            write_hex(&mut outbound[3..19], next_id());
            write_hex(&mut outbound[19..35], next_id());
        }
    }
    write_hex(&mut outbound[36..52], next_id());
    outbound
}

fn write_hex(to: &mut [u8], mut value: u64) {
    for digit in to.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(value & 15) as usize];
        value >>= 4;
    }
}

fn is_valid(value: &[u8]) -> bool {
    value.len() == 55
        && value.starts_with(b"00-")
        && value[35] == b'-'
        && value[52] == b'-'
        && value[53..].iter().all(is_hex)
        && is_id(&value[3..35])
        && is_id(&value[36..52])
}

/// Lower-case hex, and not all zero.
fn is_id(id: &[u8]) -> bool {
    id.iter().all(is_hex) && id.iter().any(|&digit| digit != b'0')
}

fn is_hex(digit: &u8) -> bool {
    matches!(digit, b'0'..=b'9' | b'a'..=b'f')
}
