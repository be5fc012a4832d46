package main

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
)

// manifestResource is kubernetes_manifest: one object, as a manifest says it, kept so by server-side apply.
type manifestResource struct{ cluster *cluster }

type model struct {
	Manifest       types.Dynamic `tfsdk:"manifest"`
	Object         types.Dynamic `tfsdk:"object"`
	ComputedFields types.List    `tfsdk:"computed_fields"`
	FieldManager   []struct {
		Name           types.String `tfsdk:"name"`
		ForceConflicts types.Bool   `tfsdk:"force_conflicts"`
	} `tfsdk:"field_manager"`
	Timeouts []struct {
		Delete types.String `tfsdk:"delete"`
	} `tfsdk:"timeouts"`
}

func (m *manifestResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version: 1, // the real one's: each reads the other's state
		Attributes: map[string]schema.Attribute{
			"manifest":        schema.DynamicAttribute{Required: true},
			"object":          schema.DynamicAttribute{Computed: true},
			"computed_fields": schema.ListAttribute{Optional: true, ElementType: types.StringType},
		},
		Blocks: map[string]schema.Block{
			"field_manager": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"name":            schema.StringAttribute{Optional: true},
				"force_conflicts": schema.BoolAttribute{Optional: true},
			}}},
			"timeouts": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"delete": schema.StringAttribute{Optional: true},
			}}},
		},
	}
}

// IdentitySchema is the real one's too: from Terraform 1.12 on, identities are in the state, and a state that has them cannot be
// read by a provider that does not.
func (m *manifestResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	required := identityschema.StringAttribute{RequiredForImport: true}
	resp.IdentitySchema = identityschema.Schema{Version: 1, Attributes: map[string]identityschema.Attribute{
		"api_version": required, "kind": required, "name": required,
		"namespace": identityschema.StringAttribute{OptionalForImport: true},
	}}
}

type identity struct {
	APIVersion string `tfsdk:"api_version"`
	Kind       string `tfsdk:"kind"`
	Namespace  string `tfsdk:"namespace"`
	Name       string `tfsdk:"name"`
}

func (m *manifestResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if len(config.FieldManager) > 1 {
		resp.Diagnostics.AddAttributeError(path.Root("field_manager"), "Too many field_manager blocks", "Only one is allowed.")
	}
	wanted := fromValue(config.Manifest)
	if _, err := config.deleteTimeout(); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("timeouts"), "Invalid duration", err.Error())
	}
	if wanted == (unknown{}) {
		return
	}
	at := path.Root("manifest")
	manifest, ok := wanted.(map[string]any)
	if !ok {
		resp.Diagnostics.AddAttributeError(at, "A manifest is an object", fmt.Sprintf("This one is a %T.", wanted))
		return
	}
	r := referenceOf(manifest)
	for key, value := range map[string]string{"apiVersion": r.apiVersion, "kind": r.kind, "metadata.name": r.name} {
		if value == "" {
			resp.Diagnostics.AddAttributeError(at, `Attribute key missing from "manifest" value`, fmt.Sprintf("%s is missing", key))
		}
	}
	if _, ok := manifest["status"]; ok {
		resp.Diagnostics.AddAttributeError(at, `Forbidden attribute key in "manifest" value`, "status is written by controllers, not by a manifest")
	}
}

func (m *manifestResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	m.apply(ctx, true, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

func (m *manifestResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	m.apply(ctx, false, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

func (m *manifestResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r := referenceOf(fromValue(state.Object))
	client, err := m.cluster.client(r)
	var live *unstructured.Unstructured
	if err == nil {
		live, err = client.Get(ctx, r.name, metav1.GetOptions{})
	}
	switch {
	case apierrors.IsNotFound(err):
		resp.Diagnostics.Append(record(ctx, r, nil, &resp.State, resp.Identity)...) // the framework insists on an identity even now
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(failure("read", r, m.cluster.host, err))
	default:
		resp.Diagnostics.Append(record(ctx, r, declared(live), &resp.State, resp.Identity)...)
	}
}

func (m *manifestResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r := referenceOf(fromValue(state.Object))
	client, err := m.cluster.client(r)
	if err == nil {
		err = client.Delete(ctx, r.name, metav1.DeleteOptions{})
	}
	var left *unstructured.Unstructured
	timeout, _ := state.deleteTimeout() // validated before it came into the state
	if err == nil {
		err = wait.PollUntilContextTimeout(ctx, time.Second/2, timeout, true, func(ctx context.Context) (bool, error) {
			live, err := client.Get(ctx, r.name, metav1.GetOptions{})
			if err == nil {
				left = live
			}
			return false, err
		})
	}
	switch {
	case apierrors.IsNotFound(err):
	case wait.Interrupted(err) && ctx.Err() == nil && left != nil:
		resp.Diagnostics.AddError(fmt.Sprintf("%s was deleted but is still there", r), fmt.Sprintf(
			"Waited %s. Its finalizers %q are removed by the controllers that set them: see why they have not.", timeout, left.GetFinalizers()))
	default:
		resp.Diagnostics.Append(failure("delete", r, m.cluster.host, err))
	}
}

// deleteTimeout is for how long a deletion is waited for; the real one takes it from the state too, since what is destroyed has no configuration.
func (m model) deleteTimeout() (time.Duration, error) {
	for _, timeouts := range m.Timeouts {
		if text := timeouts.Delete.ValueString(); text != "" {
			return time.ParseDuration(text)
		}
	}
	return 10 * time.Minute, nil // the real one's default
}

func (m *manifestResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	r, err := parseImportID(req.ID)
	if err != nil {
		resp.Diagnostics.AddError("Failed to parse import ID", err.Error())
		return
	}
	resp.Diagnostics.Append(record(ctx, r, r.manifest(), &resp.State, resp.Identity)...) // Terraform goes on with a Read
}

// apply makes the live object what the plan says and puts the answer into the state.
func (m *manifestResource) apply(ctx context.Context, creating bool, plan tfsdk.Plan, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	var planned model
	diags.Append(plan.Get(ctx, &planned)...)
	if diags.HasError() {
		return
	}
	wanted, _ := fromValue(planned.Manifest).(map[string]any)
	r := referenceOf(wanted)
	client, err := m.cluster.client(r)
	if err == nil && creating { // a server-side apply alone would silently take over what somebody else made
		switch _, err = client.Get(ctx, r.name, metav1.GetOptions{}); {
		case err == nil:
			err = manifestError{"Cannot create resource that already exists", fmt.Sprintf(
				"If it belongs to this configuration, import it: terraform import '<address>' '%s'", r.importID())}
		case apierrors.IsNotFound(err):
			err = nil
		}
	}
	var object map[string]any
	if err == nil {
		object, err = apply(ctx, client, r, wanted, planned.options())
	}
	if err != nil {
		diags.Append(failure("apply", r, m.cluster.host, err))
		return
	}
	state.Raw = plan.Raw
	diags.Append(record(ctx, r, object, state, identity)...)
}

func apply(ctx context.Context, client dynamic.ResourceInterface, r reference, manifest map[string]any, options metav1.ApplyOptions) (map[string]any, error) {
	live, err := client.Apply(ctx, r.name, &unstructured.Unstructured{Object: manifest}, options)
	if err != nil {
		return nil, err
	}
	return declared(live), nil
}

// declared is a live object without what the API server and the controllers keep for themselves: it changes at any time, and
// nobody asked for it.
func declared(live *unstructured.Unstructured) map[string]any {
	unstructured.RemoveNestedField(live.Object, "status")
	for _, field := range []string{"uid", "creationTimestamp", "resourceVersion", "generation", "selfLink", "managedFields"} {
		unstructured.RemoveNestedField(live.Object, "metadata", field)
	}
	object, _ := fromValue(toValue(live.Object)).(map[string]any)
	return object
}

// record puts an object into the state.
func record(ctx context.Context, r reference, object map[string]any, state *tfsdk.State, id *tfsdk.ResourceIdentity) diag.Diagnostics {
	diags := state.SetAttribute(ctx, path.Root("object"), types.DynamicValue(toValue(object)))
	if id != nil {
		diags.Append(id.Set(ctx, identity{r.apiVersion, r.kind, r.namespace, r.name})...)
	}
	return diags
}

// options are those of the server-side apply, with the real one's defaults.
func (m model) options() metav1.ApplyOptions {
	options := metav1.ApplyOptions{FieldManager: "Terraform"}
	for _, manager := range m.FieldManager {
		if name := manager.Name.ValueString(); name != "" {
			options.FieldManager = name
		}
		options.Force = manager.ForceConflicts.ValueBool()
	}
	return options
}

// computedFields are those whose live value is left alone as long as the manifest says the same about them.
func (m model) computedFields() ([][]string, error) {
	if m.ComputedFields.IsNull() {
		return [][]string{{"metadata", "annotations"}, {"metadata", "labels"}}, nil
	}
	var fields [][]string
	for _, element := range m.ComputedFields.Elements() {
		text, _ := element.(types.String)
		field, err := parseField(text.ValueString())
		if err != nil {
			return nil, err
		}
		fields = append(fields, field)
	}
	return fields, nil
}

func (m *manifestResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "kubernetes_manifest"
}

func (m *manifestResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	m.cluster, _ = req.ProviderData.(*cluster) // absent while only the configuration is validated
}
