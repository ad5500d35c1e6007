package main

import (
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"istio.io/istio/pkg/config/crd"
	"istio.io/istio/pkg/test/env"
)

// newSchemaJudge reads the CRDs in Istio's module, Istio's own and those of the Gateway API, and does what the API server does with them:
// types, enums, patterns, unknown fields and CEL rules.
func newSchemaJudge() (judge, error) {
	files := []string{
		filepath.Join(env.IstioSrc, "manifests/charts/base/files/crd-all.gen.yaml"),
		filepath.Join(env.IstioSrc, "tests/integration/pilot/testdata/gateway-api-crd.yaml"),
	}
	// The CRDs themselves were checked by those who published them.
	validator, err := crd.NewValidatorFromFilesWithOptions(files, crd.WithoutCRDValidation())
	if err != nil {
		return nil, err
	}
	return func(objects []*unstructured.Unstructured, _ []byte) ([]Problem, error) {
		var problems []Problem
		for _, object := range objects {
			if isKubernetes(object) || isRules(object) {
				continue
			}
			if err := validator.ValidateCustomResource(object); err != nil {
				problems = append(problems, Problem{Judge: "schema", Level: "Error", Object: describe(object), Message: err.Error()})
			}
		}
		return problems, nil
	}, nil
}
