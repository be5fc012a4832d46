package main

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	if resp.Diagnostics.HasError() {
		return
	}
	wanted := fromValue(plan.Manifest)
	r := referenceOf(wanted)
	creating := req.State.Raw.IsNull()
	if !creating {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		if resp.Diagnostics.HasError() {
			return
		}
		resp.RequiresReplace.Append(r.differences(referenceOf(fromValue(state.Object)))...)
	}
	if r.undecided() {
		return
	}
	client, err := m.cluster.client(r)
	if err != nil {
		resp.Diagnostics.Append(failure("plan", r, m.cluster.host, err))
		return
	}
	if creating || len(resp.RequiresReplace) > 0 {
		return // `object` stays unknown: what the API server makes of the manifest shows at apply, as with the real one
	}
	prior := fromValue(state.Object)
	object := types.DynamicUnknown()
	same := !hasUnknown(wanted) && req.Plan.Raw.Equal(req.State.Raw)
	if !hasUnknown(wanted) {
		computed, err := plan.computedFields()
		if err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("computed_fields"), "Invalid field path", err.Error())
			return
		}
		// Forced whatever the configuration says: a conflict is for the apply to report, the plan shows what is wanted.
		options := plan.options()
		options.Force, options.DryRun = true, []string{metav1.DryRunAll}
		next, err := apply(ctx, client, r, wanted, options)
		switch {
		case apierrors.IsForbidden(err), apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
			// An identity that may only read, or a manifest that will be refused: compare with what was read instead, and
			// let the apply tell, so that one bad manifest does not keep the others from being planned.
			same = same && covers(without(prior, computed), without(wanted, computed))
		case err != nil:
			resp.Diagnostics.Append(failure("plan", r, m.cluster.host, err))
			return
		default:
			same = same && reflect.DeepEqual(without(prior, computed), without(next, computed))
			if plan.ComputedFields.IsNull() {
				// Controllers write labels, annotations and finalizers at any time; a promise about them could not be kept.
				next["metadata"] = unknown{}
				object = types.DynamicValue(toValue(next))
			}
		}
	}
	if !same {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("object"), object)...)
	}
}

// covers says whether a live object has everything a manifest asks for. It cannot see what the manifest no longer asks for.
func covers(live, wanted any) bool {
	switch wanted := wanted.(type) {
	case map[string]any:
		live, ok := live.(map[string]any)
		for key := range wanted {
			ok = ok && covers(live[key], wanted[key])
		}
		return ok
	case []any:
		live, ok := live.([]any)
		ok = ok && len(live) == len(wanted)
		for i := range wanted {
			ok = ok && covers(live[i], wanted[i])
		}
		return ok
	}
	return reflect.DeepEqual(live, wanted)
}

// without gives a copy that lacks these fields.
func without(tree any, fields [][]string) any {
	tree = runtime.DeepCopyJSONValue(tree)
	for _, field := range fields {
		at := tree
		for i, step := range field {
			last := i == len(field)-1
			switch node := at.(type) {
			case map[string]any:
				at = node[step]
				if last {
					delete(node, step)
				}
			case []any:
				index, err := strconv.Atoi(step)
				if err != nil || index >= len(node) {
					at = nil
					break
				}
				at = node[index]
				if last {
					node[index] = nil
				}
			}
		}
	}
	return tree
}

var (
	fieldPath = regexp.MustCompile(`^[\w-]+(\.[\w-]+|\[\d+\]|\["[^"]*"\])*$`)
	fieldStep = regexp.MustCompile(`\["([^"]*)"\]|([\w-]+)`)
)

// parseField splits spec.containers[0].args or metadata.labels["a.b/c"] into its steps.
func parseField(text string) ([]string, error) {
	if !fieldPath.MatchString(text) {
		return nil, fmt.Errorf("%q is not of the form a.b[0][\"c\"]", text)
	}
	var steps []string
	for _, match := range fieldStep.FindAllStringSubmatch(text, -1) {
		steps = append(steps, match[1]+match[2])
	}
	return steps, nil
}
