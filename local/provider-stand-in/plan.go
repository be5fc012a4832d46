package main

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// ModifyPlan finds out what an apply would change by asking the API server: it knows its defaults, its mutating admission and
// who owns which field. `object` arrives here unknown if the configuration changed, else as it was read.
func (m *manifestResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // to be destroyed
	}
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	wanted, _ := fromValue(plan.Manifest).(map[string]any)
	prior, _ := fromValue(state.Object).(map[string]any)
	r := referenceOf(fromValue(plan.Manifest))
	creating := req.State.Raw.IsNull()
	if !creating {
		resp.RequiresReplace.Append(r.differences(referenceOf(prior))...)
	}
	if r.undecided() {
		return
	}
	client, err := m.cluster.client(r)
	if err != nil {
		resp.Diagnostics.Append(failure("plan", r, m.cluster.host, err))
		return
	}
	manifest, err := plan.Manifest.ToTerraformValue(ctx)
	if creating || len(resp.RequiresReplace) > 0 || err != nil || !manifest.IsFullyKnown() {
		return // what the API server makes of it shows at apply, as with the real provider; until then `object` is unknown
	}
	computed, err := plan.computedFields()
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("computed_fields"), "Invalid field path", err.Error())
		return
	}
	// Forced whatever the configuration says: a conflict is for the apply to report, the plan shows what is wanted.
	options := plan.options()
	options.Force, options.DryRun = true, []string{metav1.DryRunAll}
	answer, err := apply(ctx, client, r, wanted, options)
	before, after := without(prior, computed), without(answer, computed)
	switch {
	case apierrors.IsForbidden(err), apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		// An identity that may only read, or a manifest that will be refused. Guess instead, and let the apply report: one
		// bad manifest must not keep all the others from being planned.
		was, _ := fromValue(state.Manifest).(map[string]any)
		after, _ = guess(before, without(was, computed), without(wanted, computed)).(map[string]any)
	case err != nil:
		resp.Diagnostics.Append(failure("plan", r, m.cluster.host, err))
		return
	}
	if req.Plan.Raw.Equal(req.State.Raw) && reflect.DeepEqual(before, after) {
		return
	}
	object := types.DynamicUnknown()
	if plan.ComputedFields.IsNull() {
		after["metadata"] = unknown{} // controllers write annotations, labels and finalizers between plan and apply
		object = types.DynamicValue(toValue(after))
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("object"), object)...)
}

// guess puts a manifest over the live object, without the API server's help: where its defaults could matter, the result is
// unknown. was is the manifest applied before: what it had and the new one lacks goes away, or back to a default.
func guess(live, was, wanted any) any {
	switch wanted := wanted.(type) {
	case map[string]any:
		live, ok := live.(map[string]any)
		if !ok {
			return unknown{}
		}
		was, _ := was.(map[string]any)
		result := maps.Clone(live)
		for key := range was {
			if _, ok := result[key]; ok {
				result[key] = unknown{}
			}
		}
		for key := range wanted {
			result[key] = guess(live[key], was[key], wanted[key])
		}
		return result
	case []any:
		live, ok := live.([]any)
		if !ok || len(live) != len(wanted) {
			return unknown{}
		}
		was, _ := was.([]any)
		result := make([]any, len(wanted))
		for i := range wanted {
			var old any
			if i < len(was) {
				old = was[i]
			}
			result[i] = guess(live[i], old, wanted[i])
		}
		return result
	}
	return wanted
}

// without gives a copy that lacks these fields.
func without(object map[string]any, fields [][]string) map[string]any {
	object = runtime.DeepCopyJSON(object)
	for _, field := range fields {
		unstructured.RemoveNestedField(object, field...)
	}
	return object
}

var (
	fieldPath = regexp.MustCompile(`^[\w-]+(\.[\w-]+|\["[^"]*"\])*$`)
	fieldStep = regexp.MustCompile(`\["([^"]*)"\]|([\w-]+)`)
)

// parseField splits metadata.labels["a.b/c"] into its steps.
func parseField(text string) (steps []string, err error) {
	if !fieldPath.MatchString(text) {
		return nil, fmt.Errorf("%q is not of the form a.b[\"c\"]; the stand-in does not know positions in lists", text)
	}
	for _, match := range fieldStep.FindAllStringSubmatch(text, -1) {
		steps = append(steps, match[1]+match[2])
	}
	return steps, nil
}
