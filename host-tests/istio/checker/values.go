package main

import (
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/operator/pkg/apis/validation"
	"istio.io/istio/operator/pkg/helm"
	"istio.io/istio/operator/pkg/values"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/validation/agent"
	"istio.io/istio/pkg/util/protomarshal"
)

// checkValues says what istioctl says of values for Istio's chart istiod, and what istiod says of the configuration that they make.
func checkValues(args []string) (any, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("values takes one file")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return nil, err
	}
	verdict := Verdict{File: args[0], Objects: []string{}, Problems: []Problem{}}
	add := func(judge, level string, err error) {
		verdict.Problems = append(verdict.Problems, Problem{Judge: judge, Level: level, Message: err.Error()})
	}
	given, err := values.MapFromYaml(text)
	if err != nil {
		add("yaml", "Error", err)
		return verdict, nil
	}
	warnings, errors := validation.ParseAndValidateIstioOperator(operator(given), nil)
	for _, warning := range warnings {
		add("istioctl", "Warning", warning)
	}
	for _, err := range errors {
		add("istioctl", "Error", err)
	}
	meshText, err := meshTextFromValues(text)
	if err != nil {
		add("chart", "Error", err)
		return verdict, nil
	}
	// istiod drops fields that it does not know without a word.
	if err := protomarshal.ApplyYAMLStrict(meshText, &meshconfig.MeshConfig{}); err != nil {
		add("istiod", "Error", err)
		return verdict, nil
	}
	meshConfig, err := mesh.ApplyMeshConfigDefaults(meshText)
	if err != nil {
		add("istiod", "Error", err)
		return verdict, nil
	}
	if warning, err := agent.ValidateMeshConfig(meshConfig); err != nil {
		add("istiod", "Error", err)
	} else if warning != nil {
		add("istiod", "Warning", warning)
	}
	return verdict, nil
}

func meshFromValues(text []byte) (*meshconfig.MeshConfig, error) {
	meshText, err := meshTextFromValues(text)
	if err != nil {
		return nil, err
	}
	return mesh.ApplyMeshConfigDefaults(meshText)
}

// meshTextFromValues renders Istio's chart istiod with the values and reads the mesh's configuration from its ConfigMap.
func meshTextFromValues(text []byte) (string, error) {
	given, err := values.MapFromYaml(text)
	if err != nil {
		return "", err
	}
	manifests, warnings, err := helm.Render("istiod", "istio-system", "istio-control/istio-discovery", operator(given), nil)
	if err != nil {
		return "", err
	}
	if len(warnings) > 0 {
		return "", fmt.Errorf("the chart istiod warns: %v", warnings.ToError())
	}
	for _, manifest := range manifests {
		if manifest.GetKind() != "ConfigMap" || manifest.GetName() != "istio" {
			continue
		}
		text, found, err := unstructured.NestedString(manifest.Object, "data", "mesh")
		if err != nil {
			return "", err
		}
		if !found {
			return "", fmt.Errorf("the chart's ConfigMap has no key mesh")
		}
		return text, nil
	}
	return "", fmt.Errorf("the chart istiod rendered no ConfigMap with the mesh's configuration")
}

// operator wraps values as istioctl's input does, where meshConfig stands beside them.
func operator(given values.Map) values.Map {
	spec := map[string]any{"values": map[string]any(given)}
	if meshConfig, found := given["meshConfig"]; found {
		spec["meshConfig"] = meshConfig
	}
	return values.Map{"apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator", "spec": spec}
}
