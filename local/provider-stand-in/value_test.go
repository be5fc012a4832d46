package main

import (
	"math"
	"math/big"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/util/json"
)

// decode reads JSON as the Kubernetes client does.
func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func number(t *testing.T, text string) types.Number {
	t.Helper()
	value, _, err := big.ParseFloat(text, 10, numberPrecision, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	return types.NumberValue(value)
}

func TestAnObjectOfTheAPIComesBackAsItWas(t *testing.T) {
	for name, text := range map[string]string{
		"a Tenant":                    `{"apiVersion":"a/v1","kind":"Tenant","metadata":{"name":"acme"},"spec":{"services":[{"name":"web","replicas":2},{"name":"api"}],"ratio":0.25,"decommission":false}}`,
		"empty lists and maps":        `{"list":[],"map":{},"nested":{"list":[{}],"deep":[[]]},"text":""}`,
		"a list of different things":  `{"list":[1,"a",true,{"b":null,"c":[]},[0.5]]}`,
		"numbers a float64 rounds":    `{"odd":9007199254740993,"max":9223372036854775807,"min":-9223372036854775808}`,
		"numbers that are no integer": `{"tenth":0.1,"third":0.3333333333333333,"small":5e-324,"huge":1.7976931348623157e308}`,
		"zero and false":              `{"zero":0,"no":false}`,
	} {
		t.Run(name, func(t *testing.T) {
			object := decode(t, text)
			want := decode(t, text)
			if list, ok := want["list"].([]any); ok && len(list) == 5 {
				delete(list[3].(map[string]any), "b")
			}
			if got := fromValue(toValue(object)); !reflect.DeepEqual(got, any(want)) {
				t.Errorf("got %#v, want %#v", got, want)
			}
		})
	}
}

func TestNullsAreLeftOutInMapsAndLists(t *testing.T) {
	object := types.ObjectValueMust(
		map[string]attr.Type{"gone": types.StringType, "dynamic": types.DynamicType, "list": types.TupleType{ElemTypes: []attr.Type{types.StringType, types.NumberType}}, "empty": types.ObjectType{AttrTypes: map[string]attr.Type{"gone": types.BoolType}}},
		map[string]attr.Value{
			"gone":    types.StringNull(),
			"dynamic": types.DynamicNull(),
			"list":    types.TupleValueMust([]attr.Type{types.StringType, types.NumberType}, []attr.Value{types.StringNull(), number(t, "1")}),
			"empty":   types.ObjectValueMust(map[string]attr.Type{"gone": types.BoolType}, map[string]attr.Value{"gone": types.BoolNull()}),
		})
	want := map[string]any{"list": []any{int64(1)}, "empty": map[string]any{}}
	if got := fromValue(types.DynamicValue(object)); !reflect.DeepEqual(got, any(want)) {
		t.Errorf("got %#v, want %#v", got, want)
	}
}

// The real provider writes lists and maps into its state, and Terraform hands them over as such.
func TestListsMapsAndSetsReadAsTuplesAndObjectsDo(t *testing.T) {
	strings := []attr.Value{types.StringValue("get"), types.StringValue("list")}
	for name, value := range map[string]attr.Value{
		"list": types.ListValueMust(types.StringType, strings), "set": types.SetValueMust(types.StringType, strings),
		"tuple": types.TupleValueMust([]attr.Type{types.StringType, types.StringType}, strings),
	} {
		if got := fromValue(value); !reflect.DeepEqual(got, any([]any{"get", "list"})) {
			t.Errorf("%s: got %#v", name, got)
		}
	}
	labels := types.MapValueMust(types.StringType, map[string]attr.Value{"app": types.StringValue("op"), "gone": types.StringNull()})
	if got := fromValue(labels); !reflect.DeepEqual(got, any(map[string]any{"app": "op"})) {
		t.Errorf("map: got %#v", got)
	}
}

func TestNumbersBecomeWhatTheAPIServerCanRead(t *testing.T) {
	for text, want := range map[string]any{
		"0": int64(0), "-1": int64(-1), "1.0": int64(1), "1e3": int64(1000), "9007199254740993": int64(9007199254740993),
		"9223372036854775807": int64(math.MaxInt64), "-9223372036854775808": int64(math.MinInt64),
		"9223372036854775808": float64(1 << 63), "0.1": 0.1, "1e100": 1e100,
	} {
		got := fromValue(number(t, text))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", text, got, want)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestATenthFromTheAPIEqualsATenthFromAFile(t *testing.T) {
	if got := toValue(0.1); !got.Equal(number(t, "0.1")) {
		t.Errorf("got %s", got)
	}
}

func TestWhatIsNotKnownYetStaysSo(t *testing.T) {
	value := toValue(map[string]any{"metadata": unknown{}, "spec": map[string]any{"list": []any{unknown{}}}})
	want := map[string]any{"metadata": unknown{}, "spec": map[string]any{"list": []any{unknown{}}}}
	if got := fromValue(value); !reflect.DeepEqual(got, any(want)) {
		t.Errorf("got %#v, want %#v", got, want)
	}
	if got := fromValue(types.DynamicUnknown()); got != (unknown{}) {
		t.Errorf("got %#v", got)
	}
}
