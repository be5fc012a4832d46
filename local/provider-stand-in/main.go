// The stand-in for hashicorp/kubernetes on machines that cannot reach the Terraform registry: see README.md.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

func main() {
	err := providerserver.Serve(context.Background(), newProvider, providerserver.ServeOpts{
		Address:         "registry.terraform.io/hashicorp/kubernetes",
		ProtocolVersion: 5, // as the real one
	})
	if err != nil {
		log.Fatal(err)
	}
}
