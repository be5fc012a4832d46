#!/bin/sh
# Terraform, as a step of a run starts it: cdktf runs this in its place (TERRAFORM_BINARY_NAME). The process stays the same.
: > "$TENANTRY_PROCESSES/$$"
# After that, so that whoever ends the step either finds this process, or is seen here.
[ ! -e "$TENANTRY_PROCESSES/ended" ] || exit 130
# cdktf holds the other end of its terminal. When cdktf dies the terminal hangs up, which would kill Terraform with the state locked.
trap '' HUP
exec "$TENANTRY_TERRAFORM" "$@"
