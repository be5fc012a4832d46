#!/usr/bin/env node
// TypeScript is here anyway, since it reads the scripts of workflows: so it compiles this program too, and no other compiler is installed for that.
const { readFileSync } = require('node:fs');
const { ModuleKind, ScriptTarget, transpileModule } = require('typescript');

const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true };
require.extensions['.ts'] = (module, file) =>
  module._compile(transpileModule(readFileSync(file, 'utf8'), { fileName: file, compilerOptions }).outputText, file);
require('./main.ts');
