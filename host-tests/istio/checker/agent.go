package main

import (
	"slices"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	matching "github.com/envoyproxy/go-control-plane/envoy/extensions/common/matching/v3"
	composite "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/composite/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/types/known/anypb"

	"istio.io/istio/pkg/util/sets"
	"istio.io/istio/pkg/wasm"
	"istio.io/istio/pkg/wellknown"
)

// wasmAgent does what the agent beside each proxy does with extension configurations: it pulls modules and puts files in the place of URLs.
type wasmAgent struct{ cache wasm.Cache }

func newWasmAgent(folder string) *wasmAgent {
	if folder == "" {
		return &wasmAgent{}
	}
	return &wasmAgent{cache: wasm.NewLocalFileCache(folder, wasm.Options{})}
}

func (a *wasmAgent) convert(extensions []*core.TypedExtensionConfig) ([]*core.TypedExtensionConfig, error) {
	if a.cache == nil {
		return extensions, nil
	}
	resources := make([]*anypb.Any, 0, len(extensions))
	for _, extension := range extensions {
		resource, err := anypb.New(extension)
		if err != nil {
			return nil, err
		}
		resources = append(resources, resource)
	}
	if err := wasm.MaybeConvertWasmExtensionConfig(resources, a.cache); err != nil {
		return nil, err
	}
	converted := make([]*core.TypedExtensionConfig, 0, len(resources))
	for _, resource := range resources {
		extension := &core.TypedExtensionConfig{}
		if err := resource.UnmarshalTo(extension); err != nil {
			return nil, err
		}
		converted = append(converted, extension)
	}
	return converted, nil
}

// discoveredNames are the HTTP filters for which a proxy subscribes.
func discoveredNames(listeners []*listener.Listener) ([]string, error) {
	names := sets.New[string]()
	for _, each := range listeners {
		for _, chain := range append(slices.Clone(each.GetFilterChains()), each.GetDefaultFilterChain()) {
			for _, filter := range chain.GetFilters() {
				if err := addDiscovered(names, filter); err != nil {
					return nil, err
				}
			}
		}
	}
	return sets.SortedList(names), nil
}

func addDiscovered(names sets.String, filter *listener.Filter) error {
	if filter.GetName() != wellknown.HTTPConnectionManager {
		return nil
	}
	manager := &hcm.HttpConnectionManager{}
	if err := filter.GetTypedConfig().UnmarshalTo(manager); err != nil {
		return err
	}
	for _, each := range manager.GetHttpFilters() {
		if each.GetConfigDiscovery() != nil {
			names.Insert(each.GetName())
		}
		if err := addBehindMatcher(names, each.GetTypedConfig()); err != nil {
			return err
		}
	}
	return nil
}

// addBehindMatcher adds the filters that a matcher runs and that are discovered.
func addBehindMatcher(names sets.String, config *anypb.Any) error {
	matched := &matching.ExtensionWithMatcher{}
	if !config.MessageIs(matched) {
		return nil
	}
	if err := config.UnmarshalTo(matched); err != nil {
		return err
	}
	for _, each := range matched.GetXdsMatcher().GetMatcherList().GetMatchers() {
		action := &composite.ExecuteFilterAction{}
		if err := each.GetOnMatch().GetAction().GetTypedConfig().UnmarshalTo(action); err != nil {
			return err
		}
		if dynamic := action.GetDynamicConfig(); dynamic != nil {
			names.Insert(dynamic.GetName())
		}
	}
	return nil
}
