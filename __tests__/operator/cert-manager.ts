import { copyFileSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { KubernetesObject } from '../../lib/fleet/kubernetes-object';
import { letGo, spawnOnLeash } from '../../local/processes/leash';
import { run } from '../../local/processes/run';
import { Artefact } from '../../local/programs/artefact';
import { goPlatform } from '../../local/programs/go-platform';
import { goBuild } from '../../local/programs/go-tool';
import { until } from '../until';
import type { Lab } from './lab';

const FOLDER = join(__dirname, 'cert-manager');
const SOURCES = ['go.mod', 'go.sum', 'main.go', 'challenges.go'];
const MODULE = 'github.com/cert-manager/cert-manager';
const FLAGS = ['-trimpath', '-ldflags=-s -w'];
/** Where cert-manager keeps what its ClusterIssuers have. */
export const CERT_MANAGER = 'cert-manager';

/** What makes the certificates of an Ingress, and the definitions that belong to it. */
export const certManager = new Artefact(
  'cert-manager',
  [...SOURCES.map((name) => readFileSync(join(FOLDER, name), 'utf8')), ...FLAGS, goPlatform()],
  async (output, scratch) => {
    await goBuild({ folder: FOLDER, package: '.', flags: FLAGS, output: join(output, CERT_MANAGER), scratch });
    const sources = await run(['go', 'list', '-mod=readonly', '-m', '-f', '{{.Dir}}', MODULE], { cwd: FOLDER });
    const definitions = join(sources.trim(), 'deploy/crds');
    mkdirSync(join(output, 'definitions'));
    for (const name of readdirSync(definitions).filter((one) => one.endsWith('.yaml'))) {
      copyFileSync(join(definitions, name), join(output, 'definitions', name));
    }
  },
);

/** Installs cert-manager and starts it, as an administrator. Returns what ends it. */
export async function startCertManager(lab: Lab): Promise<() => void> {
  const folder = await certManager.obtain();
  const create = async (object: KubernetesObject) => {
    const { status, body } = await lab.api.create(object);
    if (status !== 201) throw new Error(`${object.kind} ${object.metadata.name}: ${body.message}`);
  };
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: CERT_MANAGER } });
  for (const name of readdirSync(join(folder, 'definitions'))) {
    const definition = parse(readFileSync(join(folder, 'definitions', name), 'utf8'));
    await create(definition);
    const { group, names, versions } = definition.spec;
    const path = `/apis/${group}/${versions[0].name}/${names.plural}`;
    // Until then the API server answers with a page that is no JSON.
    const isKnown = () =>
      lab.api.request('GET', path).then(
        ({ status }) => status === 200,
        () => false,
      );
    await until(`${names.plural} are known`, isKnown);
  }
  const kubeconfig = join(lab.directory, 'cert-manager.kubeconfig');
  const asAdmin = { ...parse(readFileSync(lab.record.kubernetes.kubeconfig, 'utf8')), 'current-context': 'admin' };
  writeFileSync(kubeconfig, stringify(asAdmin), { mode: 0o600 });
  const log = openSync(join(lab.directory, 'cert-manager.log'), 'a');
  const env = { PATH: process.env.PATH, KUBECONFIG: kubeconfig };
  const running = spawnOnLeash([join(folder, CERT_MANAGER)], { env, stdout: log, stderr: log });
  return () => letGo(running);
}
