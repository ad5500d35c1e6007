package main

import (
	"bytes"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pkg/config/analysis/analyzers"
	"istio.io/istio/pkg/config/analysis/local"
	"istio.io/istio/pkg/util/protomarshal"
)

// newAnalyzerJudge runs all analyzers as `istioctl analyze --use-kube=false --all-namespaces` does.
func newAnalyzerJudge(mesh *meshconfig.MeshConfig) judge {
	return func(_ []*unstructured.Unstructured, text []byte) ([]Problem, error) {
		analyzer := local.NewIstiodAnalyzer(analyzers.AllCombined(), "", "istio-system", nil)
		if err := giveMesh(analyzer, mesh); err != nil {
			return nil, err
		}
		if err := analyzer.AddDefaultResources(); err != nil {
			return nil, err
		}
		readers := []local.ReaderSource{{Name: "manifest", Reader: bytes.NewReader(text)}}
		if err := analyzer.AddReaderKubeSource(readers); err != nil {
			return []Problem{{Judge: "analyzer", Level: "Error", Message: err.Error()}}, nil
		}
		stop := make(chan struct{})
		defer close(stop)
		result, err := analyzer.Analyze(stop)
		if err != nil {
			return nil, err
		}
		if len(result.ExecutedAnalyzers) == 0 {
			return nil, fmt.Errorf("no analyzer ran")
		}
		var problems []Problem
		for _, message := range result.Messages {
			problem := Problem{Judge: "analyzer", Level: message.Type.Level().String(), Code: message.Type.Code()}
			problem.Message = fmt.Sprintf(message.Type.Template(), message.Parameters...)
			if message.Resource != nil {
				problem.Object = message.Resource.Origin.FriendlyName()
			}
			problems = append(problems, problem)
		}
		return problems, nil
	}
}

// The analyzers take the mesh's configuration as a file only.
func giveMesh(analyzer *local.IstiodAnalyzer, mesh *meshconfig.MeshConfig) error {
	text, err := protomarshal.ToYAML(mesh)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp("", "mesh-*.yaml")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if _, err := file.WriteString(text); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return analyzer.AddFileKubeMeshConfig(file.Name())
}
