package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// failure tells a person what was tried on which object, what the API server said, and what to do next. Where the real
// provider has a phrase that people search for, it is the same here.
func failure(verb string, r reference, host string, err error) diag.Diagnostic {
	summary, advice := fmt.Sprintf("Cannot %s %s", verb, r), ""
	var status apierrors.APIStatus
	var wrong manifestError
	switch {
	case errors.As(err, &wrong):
		return diag.NewErrorDiagnostic(fmt.Sprintf("%s: %s", wrong.summary, r), fmt.Sprintf("%s\n\nAPI server: %s", wrong.detail, host))
	case apierrors.IsUnauthorized(err):
		summary += ": invalid credentials"
		advice = "The API server does not accept what the provider configuration gave it: a token, a kubeconfig file or an exec command. It may have expired."
	case apierrors.IsForbidden(err):
		advice = "If RBAC forbids it, grant the identity what it lacks; if an admission policy does, the message says what it wants."
	case apierrors.IsConflict(err):
		summary = fmt.Sprintf("There was a field manager conflict when trying to apply the manifest for %s", r)
		advice = `Somebody else has set these fields. Take them out of the manifest, or take them over: "force_conflicts" in the "field_manager" block.`
	case !errors.As(err, &status):
		advice = "There was no usable answer. Is the API server running, is this its address, can this machine reach it?"
	}
	return diag.NewErrorDiagnostic(summary, strings.TrimSpace(fmt.Sprintf("%s\n\nAPI server: %s\n%s", err, host, advice)))
}
