#!/usr/bin/env node
// From Node.js 22 on, what was compiled is kept, also for the programs that this one starts: a third of the time that a command takes to begin.
// Not in the default folder, in which every user of a machine may write. https://nodejs.org/api/module.html#module-compile-cache
process.env.NODE_COMPILE_CACHE ??= require('node:path').join(__dirname, '../node_modules/.cache/compiled');
require('node:module').enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
// Or the TypeScript of where it is run would count: `tenantry lint` runs in other people's repositories.
process.env.TS_NODE_PROJECT = require.resolve('../tsconfig.json');
require('@swc-node/register');
require('./tenantry.ts');
