package main

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
)

// reference says which object a manifest means. It never changes while an object lives.
type reference struct{ apiVersion, kind, namespace, name string }

// later stands in a reference for what Terraform does not know before the apply.
const later = "(known after apply)"

func referenceOf(manifest any) reference {
	text := func(keys ...string) string {
		at := manifest
		for _, key := range keys {
			if object, ok := at.(map[string]any); ok {
				at = object[key]
			}
		}
		if at == (unknown{}) {
			return later
		}
		s, _ := at.(string)
		return s
	}
	return reference{text("apiVersion"), text("kind"), text("metadata", "namespace"), text("metadata", "name")}
}

func (r reference) undecided() bool {
	return r.apiVersion == later || r.kind == later || r.namespace == later || r.name == later
}

// differences are the fields of the manifest that make it another object than the old one.
func (r reference) differences(old reference) (changed path.Paths) {
	manifest := path.Root("manifest")
	metadata := manifest.AtName("metadata")
	for _, field := range []struct {
		path     path.Path
		now, was string
	}{
		{manifest.AtName("apiVersion"), r.apiVersion, old.apiVersion},
		{manifest.AtName("kind"), r.kind, old.kind},
		{metadata.AtName("namespace"), r.namespace, old.namespace},
		{metadata.AtName("name"), r.name, old.name},
	} {
		if field.now != field.was {
			changed = append(changed, field.path)
		}
	}
	return changed
}

func (r reference) String() string {
	if r.namespace == "" {
		return fmt.Sprintf("%s %q", r.kind, r.name)
	}
	return fmt.Sprintf("%s %q", r.kind, r.namespace+"/"+r.name)
}

// manifest is the least that is an object with this reference.
func (r reference) manifest() map[string]any {
	metadata := map[string]any{"name": r.name}
	if r.namespace != "" {
		metadata["namespace"] = r.namespace
	}
	return map[string]any{"apiVersion": r.apiVersion, "kind": r.kind, "metadata": metadata}
}

// importID is how `terraform import` writes it, for the real provider too.
func (r reference) importID() string {
	id := fmt.Sprintf("apiVersion=%s,kind=%s,name=%s", r.apiVersion, r.kind, r.name)
	if r.namespace != "" {
		id += ",namespace=" + r.namespace
	}
	return id
}

func parseImportID(id string) (reference, error) {
	var r reference
	fields := map[string]*string{"apiVersion": &r.apiVersion, "kind": &r.kind, "namespace": &r.namespace, "name": &r.name}
	for part := range strings.SplitSeq(id, ",") {
		key, value, _ := strings.Cut(part, "=")
		field, ok := fields[key]
		if !ok {
			return r, fmt.Errorf("unknown key %q in %q; the form is apiVersion=...,kind=...,name=...[,namespace=...]", key, id)
		}
		*field = value
	}
	if r.apiVersion == "" || r.kind == "" || r.name == "" {
		return r, fmt.Errorf("%q lacks one of apiVersion, kind and name; the form is apiVersion=...,kind=...,name=...[,namespace=...]", id)
	}
	return r, nil
}
