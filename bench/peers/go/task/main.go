// The task.
package main

import (
	"time"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetPluginContext(func(uint32) types.PluginContext { return &plugin{} })
}

type plugin struct{ types.DefaultPluginContext }

// Ids come from splitmix64, seeded by the clock when the plugin starts.
func (*plugin) OnPluginStart(int) types.OnPluginStartStatus {
	state = uint64(time.Now().UnixNano())
	return types.OnPluginStartStatusOK
}

func (*plugin) NewHttpContext(uint32) types.HttpContext { return &task{} }

type task struct{ types.DefaultHttpContext }

var (
	appVersion  = []string{"span.attributes.app.version"}
	clusterName = []string{"span.attributes.cluster.name"}
	userID      = []string{"span.attributes.user.id"}
	tenantID    = []string{"span.attributes.tenant.id"}
	version     = []byte("1.4.2")
	edge        = []byte("edge-1")
)

func (*task) OnHttpRequestHeaders(int, bool) types.Action {
	user, noUser := proxywasm.GetHttpRequestHeader("x-user-id")
	tenant, noTenant := proxywasm.GetHttpRequestHeader("x-tenant-id")
	inbound, _ := proxywasm.GetHttpRequestHeader("traceparent")
	_ = proxywasm.ReplaceHttpRequestHeader("traceparent", traceparent(inbound))
	_ = proxywasm.SetProperty(appVersion, version)
	_ = proxywasm.SetProperty(clusterName, edge)
	if noUser == nil {
		_ = proxywasm.SetProperty(userID, []byte(user))
	}
	if noTenant == nil {
		_ = proxywasm.SetProperty(tenantID, []byte(tenant))
	}
	return types.ActionContinue
}
