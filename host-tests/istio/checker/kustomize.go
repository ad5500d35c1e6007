package main

import (
	"fmt"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Rendered is what `kubectl kustomize` prints.
type Rendered struct {
	YAML string `json:"yaml"`
}

func render(args []string) (any, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("render takes one folder")
	}
	text, err := kustomize(args[0])
	if err != nil {
		return nil, err
	}
	return Rendered{YAML: string(text)}, nil
}

func kustomize(folder string) ([]byte, error) {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return nil, err
	}
	return resources.AsYaml()
}
