-- The task. Attributes are dynamic metadata, which is what a Lua filter has for them.
math.randomseed(os.time())

local function id()
  return string.format("%08x%08x", math.random(0, 0x7fffffff), math.random(1, 0x7fffffff))
end

local function traceparent(inbound)
  if inbound and #inbound == 55 then
    local trace, parent, flags = inbound:match("^00%-([0-9a-f]+)%-([0-9a-f]+)%-([0-9a-f][0-9a-f])$")
    if trace and #trace == 32 and #parent == 16 and trace:find("[^0]") and parent:find("[^0]") then
      return "00-" .. trace .. "-" .. id() .. "-" .. flags
    end
  end
  return "00-" .. id() .. id() .. "-" .. id() .. "-01"
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local user = headers:get("x-user-id")
  local tenant = headers:get("x-tenant-id")
  headers:replace("traceparent", traceparent(headers:get("traceparent")))
  local attributes = handle:streamInfo():dynamicMetadata()
  attributes:set("span.attributes", "app.version", "1.4.2")
  attributes:set("span.attributes", "cluster.name", "edge-1")
  if user then attributes:set("span.attributes", "user.id", user) end
  if tenant then attributes:set("span.attributes", "tenant.id", tenant) end
end
