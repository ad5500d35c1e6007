package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	admission "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/webhooks/validation/server"
)

// newWebhookJudge asks istiod's validating webhook as the API server does, without a network between.
func newWebhookJudge() (judge, error) {
	mux := http.NewServeMux()
	if _, err := server.New(server.Options{Schemas: collections.PilotGatewayAPI(), DomainSuffix: "cluster.local", Mux: mux}); err != nil {
		return nil, err
	}
	return func(objects []*unstructured.Unstructured, _ []byte) ([]Problem, error) {
		var problems []Problem
		// The webhook is registered for Istio's groups alone.
		for _, object := range istioOnly(objects) {
			response, err := review(mux, object)
			if err != nil {
				return nil, err
			}
			for _, warning := range response.Warnings {
				problems = append(problems, Problem{Judge: "webhook", Level: "Warning", Object: describe(object), Message: warning})
			}
			if !response.Allowed {
				problems = append(problems, Problem{Judge: "webhook", Level: "Error", Object: describe(object), Message: response.Result.Message})
			}
		}
		return problems, nil
	}, nil
}

func review(mux *http.ServeMux, object *unstructured.Unstructured) (*admission.AdmissionResponse, error) {
	raw, err := object.MarshalJSON()
	if err != nil {
		return nil, err
	}
	kind := object.GroupVersionKind()
	question := admission.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admission.AdmissionRequest{
			UID:       "1",
			Kind:      metav1.GroupVersionKind{Group: kind.Group, Version: kind.Version, Kind: kind.Kind},
			Name:      object.GetName(),
			Namespace: object.GetNamespace(),
			Operation: admission.Create,
			Object:    runtime.RawExtension{Raw: raw},
		},
	}
	body, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	request := httptest.NewRequest(http.MethodPost, "/validate", bytes.NewReader(body))
	request.Header.Set("content-type", "application/json")
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, request)
	var answer admission.AdmissionReview
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || answer.Response == nil {
		return nil, fmt.Errorf("the webhook answered %d %q", recorder.Code, recorder.Body.String())
	}
	return answer.Response, nil
}
