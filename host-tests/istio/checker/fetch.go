package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"istio.io/istio/pkg/wasm"
)

// Module is what the agent's fetcher found in an image.
type Module struct {
	Image string `json:"image"`
	// Digest is that of the manifest, to which WasmPlugin's sha256 is compared.
	Digest string `json:"digest"`
	// SHA256 is that of the module's bytes.
	SHA256 string `json:"sha256"`
	Size   int    `json:"size"`
}

func fetch(images []string) (any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	modules := []Module{}
	for _, image := range images {
		module, err := fetchModule(ctx, image)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", image, err)
		}
		modules = append(modules, module)
	}
	return modules, nil
}

func fetchModule(ctx context.Context, image string) (Module, error) {
	reference, isImage := strings.CutPrefix(image, "oci://")
	if !isImage {
		return Module{}, fmt.Errorf("give oci://")
	}
	prepared, digest, err := wasm.NewImageFetcher(ctx, wasm.ImageFetcherOption{}).PrepareFetch(reference)
	if err != nil {
		return Module{}, err
	}
	bytes, err := prepared()
	if err != nil {
		return Module{}, err
	}
	sum := sha256.Sum256(bytes)
	return Module{Image: image, Digest: digest, SHA256: hex.EncodeToString(sum[:]), Size: len(bytes)}, nil
}
