package main

import (
	"reflect"
	"testing"
)

func TestGuessKeepsDefaultsAndFindsWhatDiffers(t *testing.T) {
	live := `{"spec":{"size":"small","host":"a.b","services":[{"name":"web","image":"1","port":80}]}}`
	for name, c := range map[string]struct{ was, wanted, result string }{
		"nothing differs":         {`{"spec":{"services":[{"name":"web","image":"1"}]}}`, `{"spec":{"services":[{"name":"web","image":"1"}]}}`, live},
		"a changed field":         {`{"spec":{"services":[{"name":"web","image":"1"}]}}`, `{"spec":{"services":[{"name":"web","image":"2"}]}}`, `{"spec":{"size":"small","host":"a.b","services":[{"name":"web","image":"2","port":80}]}}`},
		"a removed field":         {`{"spec":{"host":"a.b"}}`, `{"spec":{}}`, `{"spec":{"size":"small","host":"?","services":[{"name":"web","image":"1","port":80}]}}`},
		"a list of another size":  {`{"spec":{}}`, `{"spec":{"services":[]}}`, `{"spec":{"size":"small","host":"a.b","services":"?"}}`},
		"a map that was not live": {`{"spec":{}}`, `{"spec":{"free":{"a":1}}}`, `{"spec":{"size":"small","host":"a.b","free":"?","services":[{"name":"web","image":"1","port":80}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			want := questioned(decode(t, c.result))
			if got := guess(decode(t, live), decode(t, c.was), decode(t, c.wanted)); !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// questioned puts unknown where a test writes "?".
func questioned(node any) any {
	switch node := node.(type) {
	case map[string]any:
		for key := range node {
			node[key] = questioned(node[key])
		}
	case string:
		if node == "?" {
			return unknown{}
		}
	}
	return node
}

func TestComputedFieldsAreFoundAndTakenOutOfACopy(t *testing.T) {
	field, err := parseField(`metadata.annotations["example.com/a.b"]`)
	if want := []string{"metadata", "annotations", "example.com/a.b"}; err != nil || !reflect.DeepEqual(field, want) {
		t.Fatalf("got %v, %v", field, err)
	}
	object := decode(t, `{"metadata":{"annotations":{"example.com/a.b":"1","c":"2"}}}`)
	if got, want := without(object, [][]string{field, {"spec", "absent"}}), decode(t, `{"metadata":{"annotations":{"c":"2"}}}`); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(object["metadata"].(map[string]any)["annotations"].(map[string]any)) != 2 {
		t.Error("the original was changed")
	}
	for _, text := range []string{"", "a..b", "a.b[0]", "a.*"} {
		if _, err := parseField(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func TestAReferenceChangesWithItsFourFieldsAndNothingElse(t *testing.T) {
	old := reference{"v1", "ConfigMap", "ns", "cm"}
	if changed := referenceOf(decode(t, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cm","namespace":"ns","labels":{"a":"b"}},"data":{}}`)).differences(old); len(changed) != 0 {
		t.Errorf("got %v", changed)
	}
	for _, other := range []reference{{"v2", "ConfigMap", "ns", "cm"}, {"v1", "Secret", "ns", "cm"}, {"v1", "ConfigMap", "", "cm"}, {"v1", "ConfigMap", "ns", later}} {
		if changed := other.differences(old); len(changed) != 1 {
			t.Errorf("%v: got %v", other, changed)
		}
	}
	if r := referenceOf(map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": unknown{}}); !r.undecided() {
		t.Errorf("got %v", r)
	}
}

func TestAnImportIDComesBackAsItWas(t *testing.T) {
	for _, want := range []reference{{"apps/v1", "Deployment", "ns", "op"}, {"v1", "Namespace", "", "ns"}} {
		if got, err := parseImportID(want.importID()); err != nil || got != want {
			t.Errorf("got %v, %v", got, err)
		}
	}
	for _, id := range []string{"", "default/cm", "apiVersion=v1,kind=ConfigMap", "apiVersion=v1,kind=ConfigMap,name=a,uid=1"} {
		if _, err := parseImportID(id); err == nil {
			t.Errorf("%q was accepted", id)
		}
	}
}

func TestOnlyThisMachineIsTalkedTo(t *testing.T) {
	for host, local := range map[string]bool{
		"https://127.0.0.1:6443": true, "https://localhost": true, "https://[::1]:6443": true,
		"https://ABC.gr7.eu-central-1.eks.amazonaws.com": false, "https://10.0.0.1": false, "https://localhost.example.com": false, "": false,
	} {
		if err := refuseRemote(host); (err == nil) != local {
			t.Errorf("%q: %v", host, err)
		}
	}
}
