package main

import (
	"context"
	"fmt"
	"math/big"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// unknown stands in a JSON tree for what Terraform does not know yet.
type unknown struct{}

// toValue makes a Terraform value of a JSON tree. Only objects and tuples are made, never maps and lists: JSON lets every
// element have its own type, and then a list of them does not exist.
func toValue(node any) attr.Value {
	ctx := context.Background()
	switch node := node.(type) {
	case nil:
		return types.DynamicNull()
	case unknown:
		return types.DynamicUnknown()
	case string:
		return types.StringValue(node)
	case bool:
		return types.BoolValue(node)
	case int64:
		return types.NumberValue(new(big.Float).SetPrec(numberPrecision).SetInt64(node))
	case float64:
		// By way of the shortest decimal, as Terraform reads 0.1 in a file: the two are then equal.
		decimal := strconv.FormatFloat(node, 'g', -1, 64)
		number, _, err := big.ParseFloat(decimal, 10, numberPrecision, big.ToNearestEven)
		if err != nil { // infinity and not-a-number, which JSON does not have
			panic(fmt.Sprintf("%s is no number in JSON: %v", decimal, err))
		}
		return types.NumberValue(number)
	case []any:
		kinds, values := make([]attr.Type, len(node)), make([]attr.Value, len(node))
		for i, element := range node {
			values[i] = toValue(element)
			kinds[i] = values[i].Type(ctx)
		}
		return types.TupleValueMust(kinds, values)
	case map[string]any:
		kinds, values := make(map[string]attr.Type, len(node)), make(map[string]attr.Value, len(node))
		for key, element := range node {
			values[key] = toValue(element)
			kinds[key] = values[key].Type(ctx)
		}
		return types.ObjectValueMust(kinds, values)
	}
	panic(fmt.Sprintf("%T is nothing that JSON decodes to", node))
}

// numberPrecision is the one Terraform itself computes with.
const numberPrecision = 512

// fromValue makes a JSON tree of a Terraform value of any type. Nulls are left out, in lists as well: to the API server a null
// is not "not set". A number becomes an int64 if it is one exactly, else the nearest float64; so two trees that came
// this way can be compared.
func fromValue(value attr.Value) any {
	if value == nil || value.IsNull() {
		return nil
	}
	if value.IsUnknown() {
		return unknown{}
	}
	switch value := value.(type) {
	case types.Dynamic:
		return fromValue(value.UnderlyingValue())
	case types.String:
		return value.ValueString()
	case types.Bool:
		return value.ValueBool()
	case types.Number:
		if number, accuracy := value.ValueBigFloat().Int64(); accuracy == big.Exact {
			return number
		}
		number, _ := value.ValueBigFloat().Float64()
		return number
	case interface{ Elements() []attr.Value }: // tuple, list, set
		list := []any{}
		for _, element := range value.Elements() {
			if element := fromValue(element); element != nil {
				list = append(list, element)
			}
		}
		return list
	case types.Map:
		return fromFields(value.Elements())
	case types.Object:
		return fromFields(value.Attributes())
	}
	panic(fmt.Sprintf("%T is nothing that Terraform puts into a dynamic value", value))
}

func fromFields(fields map[string]attr.Value) map[string]any {
	object := make(map[string]any, len(fields))
	for key, field := range fields {
		if field := fromValue(field); field != nil {
			object[key] = field
		}
	}
	return object
}
