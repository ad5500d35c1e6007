package main

import (
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// judgeRules reads the spec of a PrometheusRule as Prometheus reads a file of rules, which is what its operator makes of it:
// fields, durations, labels, expressions and the templates of annotations.
func judgeRules(objects []*unstructured.Unstructured, _ []byte) ([]Problem, error) {
	var problems []Problem
	for _, object := range objects {
		if !isRules(object) {
			continue
		}
		text, err := yaml.Marshal(object.Object["spec"])
		if err != nil {
			return nil, err
		}
		groups, faults := rulefmt.Parse(text, false, model.UTF8Validation, parser.NewParser(parser.Options{}))
		if len(faults) == 0 && len(groups.Groups) == 0 {
			problems = append(problems, Problem{Judge: "prometheus", Level: "Error", Object: describe(object), Message: "there are no groups"})
		}
		for _, fault := range faults {
			problems = append(problems, Problem{Judge: "prometheus", Level: "Error", Object: describe(object), Message: fault.Error()})
		}
	}
	return problems, nil
}

func isRules(object *unstructured.Unstructured) bool {
	return object.GroupVersionKind().Group == "monitoring.coreos.com" && object.GetKind() == "PrometheusRule"
}
