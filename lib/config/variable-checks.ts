import { MOST_VARIABLES, TOLD } from '../tenant/env';
import { suggestion } from '../text/suggestion';
import type { Problem } from './problem';
import { circleOf, references, type Variables } from './references';
import { merged } from './service-settings';
import type { Check, PlatformSource, TenantSource } from './sources';

/** A Tenant is one object in the cluster, which takes 1.5 MiB. */
const MOST_TEXT = 256 * 1024;

/** The variables of one service of one tenant, and the way back to where each is written. */
interface Environment {
  readonly variables: Variables;
  readonly problem: (variable: string, message: string) => Problem;
  /** As the end of a sentence about a variable: empty where its own file says it. */
  readonly where: (variable: string) => string;
}

/** What holds of a service's variables only once a tenant's are merged over the platform's. */
export const variablesFit: Check = (platform, tenants) => {
  const problems = tenants.flatMap((tenant) => {
    const services = Object.keys(platform.value.services).map((service) => environment(platform, tenant, service));
    return [...services.flatMap(referencesLead), ...tooMany(platform, tenant)];
  });
  // What the platform file says wrong, it says wrong to each tenant.
  const places = new Set<string>();
  return problems.filter(({ file, line, column, message }) => {
    const place = JSON.stringify([file, line, column, message.replace(/ in the tenant "[^"]*"/, '')]);
    return !places.has(place) && places.add(place);
  });
};

function environment({ yaml, value }: PlatformSource, tenant: TenantSource, service: string): Environment {
  const own = tenant.value.services[service]?.env ?? {};
  const isOwn = (variable: string) => Object.hasOwn(own, variable);
  const ours = value.services[service] as PlatformSource['value']['services'][string];
  return {
    variables: merged(ours, tenant.value.services[service]).env ?? {},
    problem: (variable, message) =>
      (isOwn(variable) ? tenant.yaml : yaml).problem(['services', service, 'env', variable], message),
    where: (variable) => (isOwn(variable) ? '' : ` in the tenant "${tenant.name}"`),
  };
}

function referencesLead({ variables, problem, where }: Environment): Problem[] {
  const known = [...Object.keys(variables), ...TOLD];
  return Object.entries(variables).flatMap(([name, value]) => {
    const unknown = [...new Set(references(value))].filter((other) => !known.includes(other));
    const circle = circleOf(name, variables);
    return [
      ...unknown.map((other) =>
        problem(
          name,
          `${name} refers to $(${other}), and the service has no such variable${where(name)} (the text itself is written $$(${other}))${suggestion(other, known)}`,
        ),
      ),
      ...(circle ? [problem(name, `${name} refers to itself${where(name)}: ${circle.join(' → ')}`)] : []),
    ];
  });
}

function tooMany({ value }: PlatformSource, { yaml, value: tenant }: TenantSource): Problem[] {
  let text = 0;
  const problems = Object.entries(value.services).flatMap(([service, ours]) => {
    const variables = Object.entries(merged(ours, tenant.services[service]).env ?? {});
    text += variables.reduce((sum, [name, its]) => sum + Buffer.byteLength(name + its), 0);
    return variables.length <= MOST_VARIABLES
      ? []
      : [
          yaml.problem(
            ['services', service, 'env'],
            `services.${service}.env comes to ${variables.length} variables with those of the platform, and may have ${MOST_VARIABLES}`,
          ),
        ];
  });
  if (text <= MOST_TEXT) return problems;
  const most = `${MOST_TEXT / 1024} KiB`;
  return [...problems, yaml.problem(['services'], `the variables of the tenant have more than ${most} in all`)];
}
