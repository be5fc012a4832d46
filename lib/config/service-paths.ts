/** Where a service is reached and where its health is asked, as a person wrote it: null is no such path, and what is absent has a default. */
interface WrittenPaths {
  /** Absent for a service that listens on none, and so is reached nowhere. */
  readonly port?: number;
  readonly path?: string | null | undefined;
  readonly healthPath?: string | null | undefined;
}

export interface ServicePaths {
  readonly path?: string;
  readonly healthPath?: string;
}

/** The paths of a service with their defaults; absent where it has none. */
export function servicePaths(name: string, written: WrittenPaths): ServicePaths {
  if (written.port === undefined) return {};
  // What answers no HTTP has nothing to show at a host.
  const defaultPath = written.healthPath === null ? null : `/${name}`;
  const path = written.path === undefined ? defaultPath : written.path;
  // Below the service's own path, since a request arrives with the path that it was sent to.
  const defaultHealthPath = `${path === null || path === '/' ? '' : path}/v1/health`;
  const health = written.healthPath === undefined ? defaultHealthPath : written.healthPath;
  return { ...(path !== null && { path }), ...(health !== null && { healthPath: health }) };
}

/** Whether a request for `requested` goes to `path`, as `pathType: Prefix` of an Ingress has it: "/api" takes "/api/x" and not "/apix". */
export function isBelow(path: string, requested: string): boolean {
  return path === '/' || requested === path || requested.startsWith(`${path}/`);
}

/** Which of these an Ingress sends a request to: the longest path that takes it. */
export function routed<Service extends { readonly path: string }>(
  requested: string,
  services: readonly Service[],
): Service | undefined {
  return services
    .filter(({ path }) => isBelow(path, requested))
    .reduce<Service | undefined>(
      (best, next) => (best && best.path.length >= next.path.length ? best : next),
      undefined,
    );
}
