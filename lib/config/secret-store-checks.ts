import { secretPath } from '../tenant/secret-store';
import { secretName } from '../tenant/secrets';
import { suggestion } from '../text/suggestion';
import { type MergedService, mergedServices, onceEach } from './layers';
import { PLACEHOLDERS, unknownPlaceholders } from './placeholders';
import type { Problem } from './problem';
import { isOfService } from './secrets';
import type { Check, PlatformSource, TenantSource } from './sources';
import { secretPaths } from './written-secret-store';

/** What a platform's secret store comes to for each tenant. */
export const secretStoreFits: Check = (platform, tenants) => {
  const { yaml, value } = platform;
  if (value.secretStore === undefined) {
    return onceEach(tenants.flatMap((tenant) => mergedServices(platform, tenant).flatMap(fromNoStore)));
  }
  const { path } = value.secretStore;
  const said = (message: string) => yaml.problem(['secretStore', 'path'], `secretStore.path ${message}`);
  const unknown = unknownPlaceholders(path);
  if (unknown.length > 0) {
    return unknown.map((one) =>
      said(`has {${one}}, for which there is nothing to fill in${suggestion(one, PLACEHOLDERS)}`),
    );
  }
  const lacking = PLACEHOLDERS.filter((one) => !path.includes(`{${one}}`));
  if (lacking.length > 0) {
    const what = lacking.map((one) => `{${one}}`).join(' and ');
    return [
      said(`has no ${what}: each service of each tenant needs a path of its own, such as acme/{tenant}/{service}`),
    ];
  }
  return [
    ...onceEach(tenants.flatMap((tenant) => mergedServices(platform, tenant).flatMap(calledAsTheDatabases))),
    ...pathsFit(platform, tenants, said),
  ];
};

function fromNoStore({ name, settings: { secrets = {} }, problem }: MergedService): Problem[] {
  return Object.entries(secrets).flatMap(([variable, from]) =>
    from === null || !isOfService(from)
      ? []
      : [
          problem(
            ['secrets', variable],
            `services.${name}.secrets.${variable} is "${from}", a key alone: that is one in the secret store, and the platform has no "secretStore". Write Secret/key, such as stripe/${from}`,
          ),
        ],
  );
}

function calledAsTheDatabases({ name, settings: { secrets = {} }, problem }: MergedService): Problem[] {
  const variable = Object.keys(secrets).find((one) => secrets[one] !== null && isOfService(secrets[one] as string));
  const result = secretName.safeParse(name);
  if (variable === undefined || result.success) return [];
  const why = result.error.issues.map(({ message }) => message).join('; ');
  const message = `services.${name}.secrets.${variable} is a key of the Secret "${name}", which ${why}. Give the service another name`;
  return [problem(['secrets', variable], message)];
}

function pathsFit(
  platform: PlatformSource,
  tenants: readonly TenantSource[],
  said: (message: string) => Problem,
): Problem[] {
  const owners = new Map<string, string>();
  return tenants.flatMap((tenant) => {
    const services = mergedServices(platform, tenant).map(({ name, settings }) => ({ name, ...settings }));
    return [...secretPaths(platform.value.secretStore, tenant.name, services)].flatMap(([service, path]) => {
      const whose = `${service} of ${tenant.name}`;
      const result = secretPath.safeParse(path);
      if (!result.success) {
        const why = result.error.issues.map(({ message }) => message).join('; ');
        return [said(`comes to "${path}" for ${whose}, and ${why}`)];
      }
      const other = owners.get(path);
      if (other !== undefined) {
        return [
          said(
            `comes to "${path}" for ${other} and for ${whose}: put something between the two that no name has, such as "/"`,
          ),
        ];
      }
      owners.set(path, whose);
      return [];
    });
  });
}
