import { routed } from '../../lib/config/service-paths';

/** What this gateway reads of an Ingress (networking.k8s.io/v1). Its paths are all of the type Prefix here. */
export interface Ingress {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly rules?: readonly {
      readonly host?: string;
      readonly http?: { readonly paths: readonly IngressPath[] };
    }[];
  };
}

interface IngressPath {
  readonly path: string;
  readonly backend: { readonly service: { readonly name: string } };
}

/** The Service that a request is for. */
export interface Backend {
  readonly namespace: string;
  readonly service: string;
}

/** Why there is none. */
export interface NoBackend {
  readonly reason: string;
}

/** Where the Ingresses of a cluster send a request: by its host, then by the longest path that takes it. */
export function backendFor(ingresses: readonly Ingress[], host: string, path: string): Backend | NoBackend {
  const rules = ingresses.flatMap(({ metadata, spec }) =>
    (spec.rules ?? []).map((rule) => ({ ...rule, namespace: metadata.namespace })),
  );
  const ofHost = rules.filter((rule) => rule.host === host);
  if (ofHost.length === 0) {
    const hosts = [...new Set(rules.flatMap((rule) => rule.host ?? []))].sort();
    return { reason: `no Ingress has the host "${host}"; there are: ${hosts.join(', ') || 'none'}` };
  }
  const paths = ofHost.flatMap(({ namespace, http }) => (http?.paths ?? []).map((one) => ({ ...one, namespace })));
  const found = routed(path, paths);
  if (!found) return { reason: `${host} has no path for ${path}; it has: ${paths.map((one) => one.path).join(', ')}` };
  return { namespace: found.namespace, service: found.backend.service.name };
}
