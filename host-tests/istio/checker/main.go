// Command checker lets Istio's own code judge manifests, images and mesh configuration.
// It links istiod's packages. The answer is JSON and the last line of standard output: while the packages are initialised,
// some of them log there. Later the log goes to standard error.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"istio.io/istio/pkg/log"
)

const usage = `usage:
  checker validate [-values FILE] FILE|DIR...   what schema, webhook, analyzers and istiod say of manifests
  checker values FILE                           what istioctl says of Helm values for the chart istiod
  checker render DIR                            what kustomize makes of a folder
  checker fetch oci://...                       the module that the agent's fetcher finds in an image
  checker generate < REQUEST                    what istiod sends to proxies; see generate.go`

var commands = map[string]func(args []string) (any, error){
	"validate": validate,
	"values":   checkValues,
	"render":   render,
	"fetch":    fetch,
	"generate": generate,
}

// Exit status: 0 with an answer, also one that lists problems; 1 when there is none; 2 for wrong use.
func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	if err := logToStderr(); err != nil {
		fail(err)
	}
	answer, err := commands[os.Args[1]](os.Args[2:])
	if err != nil {
		fail(err)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		fail(err)
	}
}

// logToStderr keeps standard output for the answer, and the log short.
func logToStderr() error {
	options := log.DefaultOptions()
	options.OutputPaths = []string{"stderr"}
	if err := log.Configure(options); err != nil {
		return fmt.Errorf("log: %w", err)
	}
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.WarnLevel)
	}
	return nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "checker:", err)
	os.Exit(1)
}
