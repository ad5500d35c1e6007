//! A filter on the Rust SDK: adds headers to requests and responses, asks a cluster when the client wants it to, and logs what it does.

use std::time::Duration;

use log::info;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, LogLevel};

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Info);
    proxy_wasm::set_root_context(|_| Box::new(Plugin { greeting: String::new() }));
}}

struct Plugin {
    greeting: String,
}

impl Context for Plugin {
    fn on_done(&mut self) -> bool {
        info!("plugin done {}", self.greeting);
        true
    }
}

impl RootContext for Plugin {
    fn on_configure(&mut self, _size: usize) -> bool {
        let bytes = self.get_plugin_configuration().unwrap_or_default();
        self.greeting = String::from_utf8_lossy(&bytes).into_owned();
        info!("configured {}", self.greeting);
        self.greeting != "refused"
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream { greeting: self.greeting.clone() }))
    }
}

struct Stream {
    greeting: String,
}

impl Context for Stream {
    fn on_http_call_response(&mut self, _token: u32, headers: usize, body_size: usize, _trailers: usize) {
        if headers == 0 {
            info!("no answer");
            self.send_http_response(504, vec![("x-by", "rust")], Some(b"nobody answered"));
            return;
        }
        let status = self.get_http_call_response_header(":status").unwrap_or_default();
        let body = self.get_http_call_response_body(0, body_size).unwrap_or_default();
        let body = String::from_utf8_lossy(&body);
        info!("answered {status} {body}");
        if status == "200" {
            self.add_http_request_header("x-answer", &body);
            self.resume_http_request();
        } else {
            self.send_http_response(403, vec![("x-by", "rust")], Some(body.as_bytes()));
        }
    }
}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _count: usize, _end: bool) -> Action {
        let path = self.get_http_request_header(":path").unwrap_or_default();
        info!("request {path}");
        self.set_http_request_header("x-replaced", Some("by rust"));
        self.set_http_request_header("x-removed", None);
        self.add_http_request_header("x-request", &self.greeting);
        self.set_property(vec!["greeting"], Some(self.greeting.as_bytes()));
        let Some(cluster) = self.get_http_request_header("x-ask") else {
            return Action::Continue;
        };
        let headers = vec![(":method", "GET"), (":path", path.as_str()), (":authority", "answers")];
        match self.dispatch_http_call(&cluster, headers, None, vec![], Duration::from_secs(5)) {
            Ok(_) => Action::Pause,
            Err(status) => {
                info!("not asked: {status:?}");
                Action::Continue
            }
        }
    }

    fn on_http_response_headers(&mut self, _count: usize, _end: bool) -> Action {
        let stored = self.get_property(vec!["greeting"]).unwrap_or_default();
        self.add_http_response_header("x-response", &String::from_utf8_lossy(&stored));
        info!("response {}", self.get_http_response_header(":status").unwrap_or_default());
        Action::Continue
    }

    fn on_log(&mut self) {
        info!("logged");
    }
}
