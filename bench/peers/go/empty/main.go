// Lets every request pass.
package main

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetHttpContext(func(uint32) types.HttpContext { return &empty{} })
}

type empty struct{ types.DefaultHttpContext }

func (*empty) OnHttpRequestHeaders(int, bool) types.Action { return types.ActionContinue }
