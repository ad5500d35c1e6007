package main

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/config/kube/extensions"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/kube/krt"
	"istio.io/istio/pkg/test"
)

// What istiod appends to the name of a WasmPlugin when it makes a TrafficExtension of it.
const translated = "~istio-translated-wasmplugin"

// withIstiod calls use with istiod's generators, fed with configs. Its translation of WasmPlugin is part of it.
func withIstiod(mesh *meshconfig.MeshConfig, configs []config.Config, use func(*core.ConfigGenTest) error) error {
	var used error
	err := test.Wrap(func(t test.Failer) {
		options := core.TestOptions{
			Configs:    configs,
			MeshConfig: mesh,
			CreateConfigStore: func(store model.ConfigStoreController) model.ConfigStoreController {
				return extensions.NewController(store, nil, krt.GlobalDebugHandler)
			},
		}
		istiod := core.NewConfigGenTest(t, options)
		istiod.PushContext().GatewayAPIController = noGatewayAPI{}
		used = use(istiod)
	})
	if err != nil {
		return err
	}
	return used
}

// noGatewayAPI stands for the controller of the Gateway API, which would need a cluster. Generators ask it one thing.
type noGatewayAPI struct{ model.GatewayController }

func (noGatewayAPI) HasInferencePool(types.NamespacedName) bool { return false }

// newIstiodJudge finds what schema and webhook let pass and istiod then discards, which only its log tells:
// a module's URL that it cannot read.
func newIstiodJudge(mesh *meshconfig.MeshConfig) judge {
	return func(objects []*unstructured.Unstructured, text []byte) ([]Problem, error) {
		configs, err := parseConfigs(text)
		if err != nil {
			return []Problem{{Judge: "istiod", Level: "Error", Message: err.Error()}}, nil
		}
		var problems []Problem
		err = withIstiod(mesh, configs, func(istiod *core.ConfigGenTest) error {
			for _, object := range objects {
				if !isExtension(object) || keeps(istiod, object) {
					continue
				}
				message := "istiod discards it; its log has the reason"
				problems = append(problems, Problem{Judge: "istiod", Level: "Error", Object: describe(object), Message: message})
			}
			return nil
		})
		return problems, err
	}
}

func isExtension(object *unstructured.Unstructured) bool {
	return object.GetKind() == "WasmPlugin" || object.GetKind() == "TrafficExtension"
}

func keeps(istiod *core.ConfigGenTest, object *unstructured.Unstructured) bool {
	name := types.NamespacedName{Namespace: namespaceOf(object.GetNamespace()), Name: object.GetName()}
	if object.GetKind() == "WasmPlugin" {
		name.Name += translated
	}
	// Whom it selects does not matter here.
	proxy := &model.Proxy{ConfigNamespace: name.Namespace}
	return len(istiod.PushContext().TrafficExtensionsByName(proxy, []types.NamespacedName{name})) == 1
}

// parseConfigs reads Istio's objects as istiod does; what is not Istio's is left out.
func parseConfigs(text []byte) ([]config.Config, error) {
	configs, others, err := crd.ParseInputs(string(text))
	if err != nil {
		return nil, err
	}
	for _, other := range others {
		if other.APIVersion == "" {
			return nil, fmt.Errorf("%s %s has no apiVersion", other.Kind, other.Name)
		}
	}
	for index := range configs {
		configs[index].Namespace = namespaceOf(configs[index].Namespace)
	}
	return configs, nil
}

func namespaceOf(namespace string) string {
	if namespace == "" {
		return "default"
	}
	return namespace
}
