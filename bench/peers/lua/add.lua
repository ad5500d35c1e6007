-- Adds one header to every request.
function envoy_on_request(handle)
  handle:headers():add("x-bench", "1")
end
