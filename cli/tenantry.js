#!/usr/bin/env node
require('@swc-node/register');
require('./tenantry.ts');
