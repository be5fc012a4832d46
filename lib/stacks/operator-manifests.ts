import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../fleet/kubernetes-object';

/** Every object of `folder`/*.yaml, in the order of the files: the same that `kubectl apply -f` would take. */
export function readOperatorManifests(folder: string): KubernetesObject[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  return files.sort().flatMap((file) => {
    const documents = parseAllDocuments(readFileSync(join(folder, file), 'utf8'));
    return documents.map((document) => {
      const [error] = document.errors;
      if (error) throw new Error(`${join(folder, file)} is not YAML: ${error.message}`, { cause: error });
      return document.toJS() as KubernetesObject;
    });
  });
}
