#!/usr/bin/env node
// Or the TypeScript of where it is run would count: `tenantry lint` runs in other people's repositories.
process.env.TS_NODE_PROJECT = require.resolve('../tsconfig.json');
require('@swc-node/register');
require('./tenantry.ts');
