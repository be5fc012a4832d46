import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../lib/fleet/kubernetes-object';
import { run } from '../../local/processes/run';
import { Artefact } from '../../local/programs/artefact';
import { until } from '../until';
import type { Lab } from './lab';

const MODULE = 'github.com/external-secrets/external-secrets@v0.16.2';
const SUM = 'h1:iNY+gIgSyL5higXTfnz+hdPCaiB/43UiHLqE7HBpj68=';
const DEFINITIONS = ['external-secrets.io_externalsecrets.yaml'];
const CLUSTER_WIDE = '/apis/external-secrets.io/v1/externalsecrets';

/** The definitions of External Secrets itself, out of its Go module: the API server fills in and refuses what it would anywhere. */
const definitions = new Artefact('external-secrets-definitions-0.16.2', [MODULE, SUM], async (output, scratch) => {
  const said = JSON.parse(await run(['go', 'mod', 'download', '-json', MODULE], { cwd: scratch }));
  if (said.Sum !== SUM) throw new Error(`${MODULE} has the sum ${said.Sum}, and should have ${SUM}`);
  for (const name of DEFINITIONS) copyFileSync(join(said.Dir, 'config/crds/bases', name), join(output, name));
});

/** Does what `kubectl apply` of its definitions does. Its controller is not there. */
export async function installExternalSecrets(lab: Lab): Promise<void> {
  const folder = await definitions.obtain();
  for (const name of readdirSync(folder)) {
    const definition: KubernetesObject = parse(readFileSync(join(folder, name), 'utf8'));
    const { status, body } = await lab.api.create(definition);
    if (status !== 201) throw new Error(`${name}: ${body.message}`);
  }
  // Until then the API server answers with a page that is no JSON.
  const isKnown = () =>
    lab.api.request('GET', CLUSTER_WIDE).then(
      ({ status }) => status === 200,
      () => false,
    );
  await until('External Secrets is known', isKnown);
}

/** What a store has, by path. */
export type Store = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * One round of the controller of External Secrets: makes a Secret of each ExternalSecret, and says of each what came of it. In place of the
 * real one, which has the clients of forty stores in it. What it writes: pkg/controllers/externalsecret/externalsecret_controller.go
 */
export async function readStore(lab: Lab, store: Store): Promise<void> {
  const { body } = await lab.api.request('GET', CLUSTER_WIDE);
  for (const { metadata, spec } of body.items) {
    const values = store.get(spec.dataFrom[0].extract.key);
    const path = `/apis/external-secrets.io/v1/namespaces/${metadata.namespace}/externalsecrets/${metadata.name}`;
    if (values) await writeSecret(lab, metadata, spec.target.name, values);
    const condition = values
      ? { type: 'Ready', status: 'True', reason: 'SecretSynced', message: 'secret synced' }
      : {
          type: 'Ready',
          status: 'False',
          reason: 'SecretSyncedError',
          message: 'could not get secret data from provider',
        };
    const status = {
      conditions: [condition],
      ...(values && { syncedResourceVersion: `${metadata.generation}-0123456789abcdef` }),
    };
    const answer = await lab.api.request('PATCH', `${path}/status`, { status });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.body.message}`);
  }
}

async function writeSecret(
  lab: Lab,
  owner: { readonly name: string; readonly namespace: string; readonly uid: string },
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const path = `/api/v1/namespaces/${owner.namespace}/secrets`;
  const ownerReferences = [
    {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      name: owner.name,
      uid: owner.uid,
      controller: true,
    },
  ];
  const made = await lab.api.request('POST', path, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: owner.namespace, ownerReferences },
    data,
  });
  if (made.status !== 409) return;
  // What the store does not have goes.
  const { body } = await lab.api.request('GET', `${path}/${name}`);
  const former = Object.fromEntries(Object.keys(body.data ?? {}).map((key) => [key, null]));
  await lab.api.request('PATCH', `${path}/${name}`, { data: { ...former, ...data } });
}
