package main

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
)

// judgeKubernetes reads objects of Kubernetes itself as its API server does with strict validation of fields: what it does not know is a fault.
// Istio's kinds and those of operators are not among them.
func judgeKubernetes(objects []*unstructured.Unstructured, _ []byte) ([]Problem, error) {
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	var problems []Problem
	for _, object := range objects {
		if !isKubernetes(object) {
			continue
		}
		text, err := json.Marshal(object.Object)
		if err != nil {
			return nil, err
		}
		if _, _, err := decoder.Decode(text, nil, nil); err != nil {
			problems = append(problems, Problem{Judge: "kubernetes", Level: "Error", Object: describe(object), Message: err.Error()})
		}
	}
	return problems, nil
}

func isKubernetes(object *unstructured.Unstructured) bool {
	return scheme.Scheme.IsGroupRegistered(object.GroupVersionKind().Group)
}
