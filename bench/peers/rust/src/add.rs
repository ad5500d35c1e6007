//! Adds one header to every request.

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;

proxy_wasm::main! {{
    proxy_wasm::set_http_context(|_, _| Box::new(Add));
}}

struct Add;

impl Context for Add {}

impl HttpContext for Add {
    fn on_http_request_headers(&mut self, _count: usize, _end: bool) -> Action {
        self.add_http_request_header("x-bench", "1");
        Action::Continue
    }
}
