package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// failure tells a person what was tried, on which object, what the API server said, and what to do next. Where the real
// provider has a phrase for it that people search for, the phrase is the same.
func failure(verb string, r reference, host string, err error) diag.Diagnostic {
	summary, advice := fmt.Sprintf("Cannot %s %s", verb, r), ""
	var status apierrors.APIStatus
	switch {
	case errors.As(err, new(unknownKindError)):
		summary = fmt.Sprintf("API did not recognize GroupVersionKind from manifest (CRD may not be installed): %s", r)
		advice = "Install the CRD before planning its objects: it belongs in an earlier stack."
	case errors.As(err, new(scopeError)):
	case apierrors.IsUnauthorized(err):
		summary += ": invalid credentials"
		advice = "The API server does not accept this provider's credentials: its token, kubeconfig or exec command. They may have expired."
	case apierrors.IsForbidden(err):
		advice = "If RBAC says so, grant the identity that verb; if an admission policy does, its message says what it wants."
	case apierrors.IsConflict(err):
		summary = fmt.Sprintf("There was a field manager conflict when trying to apply the manifest for %s", r)
		advice = "Another manager has set these fields. Take them out of the manifest, or set force_conflicts = true in field_manager to take them over."
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		advice = "The API server refuses the manifest; correct the fields it names."
	case !errors.As(err, &status):
		advice = "The API server did not answer properly. Is it running, is this its address, may this machine reach it?"
	}
	detail := fmt.Sprintf("%s\n\nAPI server: %s", err, host)
	if advice != "" {
		detail += "\n" + advice
	}
	return diag.NewErrorDiagnostic(summary, strings.TrimSpace(detail))
}
