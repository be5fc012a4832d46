import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importModule } from './import-module';

/**
 * The parser's package can't be imported by its root, since that imports a schema as Node imports no JSON (it is made to
 * be bundled). So its modules are imported one by one, and the schema is read from where the package stands.
 */
async function load() {
  const parser = '@actions/workflow-parser';
  const { TemplateSchema } = await importModule<
    typeof import('@actions/workflow-parser/templates/schema/template-schema')
  >(`${parser}/templates/schema/template-schema`);
  const { JSONObjectReader } = await importModule<
    typeof import('@actions/workflow-parser/templates/json-object-reader')
  >(`${parser}/templates/json-object-reader`);
  return {
    ...(await importModule<typeof import('@actions/expressions')>('@actions/expressions')),
    ...(await importModule<typeof import('@actions/expressions/ast')>('@actions/expressions/ast')),
    ...(await importModule<typeof import('@actions/expressions/result')>('@actions/expressions/result')),
    ...(await importModule<typeof import('@actions/workflow-parser/model/converter/concurrency')>(
      `${parser}/model/converter/concurrency`,
    )),
    ...(await importModule<typeof import('@actions/workflow-parser/model/converter/events')>(
      `${parser}/model/converter/events`,
    )),
    ...(await importModule<typeof import('@actions/workflow-parser/model/converter/handle-errors')>(
      `${parser}/model/converter/handle-errors`,
    )),
    ...(await importModule<typeof import('@actions/workflow-parser/model/converter/if-condition')>(
      `${parser}/model/converter/if-condition`,
    )),
    ...(await importModule<typeof import('@actions/workflow-parser/model/converter/jobs')>(
      `${parser}/model/converter/jobs`,
    )),
    ...(await importModule<typeof import('@actions/workflow-parser/templates/schema/definition-info')>(
      `${parser}/templates/schema/definition-info`,
    )),
    ...(await importModule<typeof import('@actions/workflow-parser/templates/template-context')>(
      `${parser}/templates/template-context`,
    )),
    ...(await importModule<typeof import('@actions/workflow-parser/templates/template-reader')>(
      `${parser}/templates/template-reader`,
    )),
    ...(await importModule<typeof import('@actions/workflow-parser/templates/tokens/type-guards')>(
      `${parser}/templates/tokens/type-guards`,
    )),
    ...(await importModule<typeof import('@actions/workflow-parser/templates/trace-writer')>(
      `${parser}/templates/trace-writer`,
    )),
    ...(await importModule<typeof import('@actions/workflow-parser/workflows/yaml-object-reader')>(
      `${parser}/workflows/yaml-object-reader`,
    )),
    /** What may stand where in a workflow file. */
    schema: TemplateSchema.load(new JSONObjectReader(undefined, schemaText(`${parser}/dist/workflow-v1.0.min.json`))),
  };
}

export function schemaText(file: string): string {
  const found = require.resolve
    .paths(file)
    ?.map((folder) => join(folder, file))
    .find(existsSync);
  if (found === undefined) throw new Error(`cannot find ${file}: install the packages again, by npm ci`);
  return readFileSync(found, 'utf8');
}

type GitHubPackages = Awaited<ReturnType<typeof load>>;

let loading: Promise<GitHubPackages> | undefined;
let loaded: GitHubPackages | undefined;

/** Before anything is parsed. Loads them once. */
export async function loadGitHubPackages(): Promise<void> {
  loading ??= load();
  loaded = await loading;
}

/** GitHub's own parsers of workflows and expressions. They are ES modules, which come by waiting; from then on they are there. */
export function github(): GitHubPackages {
  if (!loaded) throw new Error('loadGitHubPackages() comes first');
  return loaded;
}
