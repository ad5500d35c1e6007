package main

import (
	"flag"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pkg/config/mesh"
)

// Problem is one thing that one of Istio's judges says.
type Problem struct {
	// Judge is yaml, schema, kubernetes, prometheus, webhook, analyzer or istiod.
	Judge string `json:"judge"`
	// Level is Error, Warning or Info.
	Level string `json:"level"`
	// Code is that of an analyzer's message: IST0151.
	Code    string `json:"code,omitempty"`
	Object  string `json:"object,omitempty"`
	Message string `json:"message"`
}

// Verdict is what the judges say of one file, or of what kustomize makes of one folder.
type Verdict struct {
	File     string    `json:"file"`
	Objects  []string  `json:"objects"`
	Problems []Problem `json:"problems"`
}

// Each judge gets all objects of a file, for some faults show only between objects.
type judge func(objects []*unstructured.Unstructured, text []byte) ([]Problem, error)

func validate(args []string) (any, error) {
	flags := flag.NewFlagSet("validate", flag.ExitOnError)
	values := flags.String("values", "", "Helm values of istiod, for analyzers that look at the mesh's configuration")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	meshConfig, err := meshFromFlag(*values)
	if err != nil {
		return nil, err
	}
	schema, err := newSchemaJudge()
	if err != nil {
		return nil, err
	}
	webhook, err := newWebhookJudge()
	if err != nil {
		return nil, err
	}
	judges := []judge{schema, judgeKubernetes, judgeRules, webhook, newAnalyzerJudge(meshConfig), newIstiodJudge(meshConfig)}
	verdicts := []Verdict{}
	for _, path := range flags.Args() {
		verdict, err := judgeFile(path, judges)
		if err != nil {
			return nil, err
		}
		verdicts = append(verdicts, verdict)
	}
	return verdicts, nil
}

func meshFromFlag(values string) (*meshconfig.MeshConfig, error) {
	if values == "" {
		return mesh.DefaultMeshConfig(), nil
	}
	text, err := os.ReadFile(values)
	if err != nil {
		return nil, err
	}
	return meshFromValues(text)
}

func judgeFile(path string, judges []judge) (Verdict, error) {
	verdict := Verdict{File: path, Objects: []string{}, Problems: []Problem{}}
	text, err := manifestText(path)
	if err != nil {
		return verdict, err
	}
	objects, err := parseObjects(text)
	if err != nil {
		verdict.Problems = append(verdict.Problems, Problem{Judge: "yaml", Level: "Error", Message: err.Error()})
		return verdict, nil
	}
	for _, object := range objects {
		verdict.Objects = append(verdict.Objects, describe(object))
	}
	for _, ask := range judges {
		problems, err := ask(objects, text)
		if err != nil {
			return verdict, err
		}
		verdict.Problems = append(verdict.Problems, problems...)
	}
	return verdict, nil
}

// manifestText reads a file, or builds a folder as `kubectl apply -k` does.
func manifestText(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return kustomize(filepath.Clean(path))
	}
	return os.ReadFile(path)
}

// istioOnly leaves out what only Kubernetes reads.
func istioOnly(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	return slices.DeleteFunc(slices.Clone(objects), func(object *unstructured.Unstructured) bool { return !isIstio(object) })
}
