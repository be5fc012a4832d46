import { freePort } from './free-port';
import { answers } from './http';
import type { Part } from './part';

export interface OperatorOptions {
  /** The Python that has what the operator imports. */
  readonly python: string;
  /** The folder with the package `tenantry_operator`. */
  readonly folder: string;
  /** A file whose current context is the operator's identity. */
  readonly kubeconfig: string;
  /** What a Secret would be mounted at: the file `url` says as whom it makes roles and databases. */
  readonly databaseFolder: string;
  /** Where the tenants' hosts are asked for their health: nothing here resolves them. */
  readonly ingress: string;
}

export interface Operator {
  readonly part: Part;
  readonly health: string;
  readonly metrics: string;
}

/** The operator, from this checkout as it is now, in place of the image that a real cluster would run. */
export async function operator({
  python,
  folder,
  kubeconfig,
  databaseFolder,
  ingress,
}: OperatorOptions): Promise<Operator> {
  const [healthPort, metricsPort] = [await freePort(), await freePort()];
  const endpoint = `http://127.0.0.1:${healthPort}`;
  const health = `${endpoint}/healthz`;
  const part: Part = {
    name: 'operator',
    endpoint,
    argv: [python, '-m', 'tenantry_operator'],
    cwd: folder,
    env: {
      KUBECONFIG: kubeconfig,
      DATABASE_FOLDER: databaseFolder,
      INGRESS: ingress,
      LISTEN_HOST: '127.0.0.1',
      HEALTH_PORT: String(healthPort),
      METRICS_PORT: String(metricsPort),
      PYTHONUNBUFFERED: '1',
      // Two platforms may run it from one checkout.
      PYTHONDONTWRITEBYTECODE: '1',
    },
    isReady: () => answers(health),
  };
  return { part, health, metrics: `http://127.0.0.1:${metricsPort}/metrics` };
}
