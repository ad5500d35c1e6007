package main

import (
	"encoding/json"
	"fmt"
	"os"

	envoy "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	"istio.io/istio/pkg/config/mesh"
)

// Request says what istiod is fed with and which proxies ask it.
type Request struct {
	// Values are Helm values of the chart istiod, as YAML.
	Values string `json:"values"`
	// Manifests are Istio's objects, as YAML.
	Manifests string  `json:"manifests"`
	Proxies   []Proxy `json:"proxies"`
	// Cache is the folder into which the agent downloads modules; without it they stay remote.
	Cache string `json:"cache"`
}

// Proxy is one that connects to istiod.
type Proxy struct {
	// Type is sidecar or router, which is a gateway.
	Type      string `json:"type"`
	Version   string `json:"version"`
	Namespace string `json:"namespace"`
	// Cluster is the node's, in which Istio's agent writes service and namespace.
	Cluster string            `json:"cluster"`
	Labels  map[string]string `json:"labels"`
}

// Resources are what a proxy gets, as Envoy's JSON.
type Resources struct {
	Listeners []json.RawMessage `json:"listeners"`
	Clusters  []json.RawMessage `json:"clusters"`
	Routes    []json.RawMessage `json:"routes"`
	// Extensions are those that the listeners ask for by ECDS.
	Extensions []json.RawMessage `json:"extensions"`
}

func generate([]string) (any, error) {
	var request Request
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	meshConfig := mesh.DefaultMeshConfig()
	if request.Values != "" {
		var err error
		if meshConfig, err = meshFromValues([]byte(request.Values)); err != nil {
			return nil, fmt.Errorf("values: %w", err)
		}
	}
	configs, err := parseConfigs([]byte(request.Manifests))
	if err != nil {
		return nil, fmt.Errorf("manifests: %w", err)
	}
	agent := newWasmAgent(request.Cache)
	answers := []Resources{}
	err = withIstiod(meshConfig, configs, func(istiod *core.ConfigGenTest) error {
		for _, wanted := range request.Proxies {
			resources, err := resourcesFor(istiod, agent, istiod.SetupProxy(newProxy(wanted)))
			if err != nil {
				return err
			}
			answers = append(answers, resources)
		}
		return nil
	})
	return answers, err
}

func newProxy(wanted Proxy) *model.Proxy {
	metadata := &model.NodeMetadata{
		IstioVersion: wanted.Version,
		Namespace:    wanted.Namespace,
		Labels:       wanted.Labels,
		ClusterID:    "Kubernetes",
	}
	return &model.Proxy{
		Type:            model.NodeType(wanted.Type),
		ConfigNamespace: wanted.Namespace,
		Labels:          wanted.Labels,
		Metadata:        metadata,
		IPAddresses:     []string{"127.0.0.1"},
		// The tracer's service.name.
		XdsNode: &envoy.Node{Cluster: wanted.Cluster},
	}
}

func resourcesFor(istiod *core.ConfigGenTest, agent *wasmAgent, proxy *model.Proxy) (Resources, error) {
	var resources Resources
	var err error
	listeners := istiod.Listeners(proxy)
	if resources.Listeners, err = toJSON(listeners); err != nil {
		return resources, err
	}
	if resources.Clusters, err = toJSON(istiod.Clusters(proxy)); err != nil {
		return resources, err
	}
	if resources.Routes, err = toJSON(istiod.RoutesFromListeners(proxy, listeners)); err != nil {
		return resources, err
	}
	names, err := discoveredNames(listeners)
	if err != nil {
		return resources, err
	}
	discovered := istiod.ConfigGen.BuildExtensionConfiguration(proxy, istiod.PushContext(), names, nil)
	local, err := agent.convert(discovered)
	if err != nil {
		return resources, err
	}
	resources.Extensions, err = toJSON(local)
	return resources, err
}

func toJSON[M proto.Message](messages []M) ([]json.RawMessage, error) {
	all := []json.RawMessage{}
	for _, message := range messages {
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}
