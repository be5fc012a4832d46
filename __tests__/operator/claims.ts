import type { Lab } from './lab';

// biome-ignore lint/suspicious/noExplicitAny: whatever the API says
type Live = any;

/** Notes, from now on, each host at which the Ingresses of two tenants answer at the same time. */
export function watchClaims(lab: Lab) {
  const twice = new Set<string>();
  let goesOn = true;
  const watching = (async () => {
    while (goesOn) {
      const { items } = (await lab.api.request('GET', '/apis/networking.k8s.io/v1/ingresses')).body;
      const hosts: string[] = items.flatMap(({ spec }: Live) => spec.rules.map(({ host }: Live) => host));
      for (const host of hosts) if (hosts.indexOf(host) !== hosts.lastIndexOf(host)) twice.add(host);
    }
  })();
  return {
    end: async () => {
      goesOn = false;
      await watching;
      return [...twice];
    },
  };
}
