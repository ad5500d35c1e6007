-- Lets every request pass.
function envoy_on_request(handle)
end
