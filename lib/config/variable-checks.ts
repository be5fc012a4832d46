import { MOST_VARIABLES, TOLD } from '../tenant/env';
import { suggestion } from '../text/suggestion';
import { type MergedService, mergedServices, onceEach } from './layers';
import type { Problem } from './problem';
import { circleOf, references } from './references';
import type { Check, TenantSource } from './sources';

/** A Tenant is one object in the cluster, which takes 1.5 MiB. */
const MOST_TEXT = 256 * 1024;

/** What holds of a service's variables, and of what refers to them, only once all that is said of it is merged. */
export const variablesFit: Check = (platform, tenants) =>
  onceEach(
    tenants.flatMap((tenant) => {
      const services = mergedServices(platform, tenant);
      return [
        ...services.flatMap(referencesLead),
        ...services.flatMap(saidOnce),
        ...services.flatMap(tooMany),
        ...tooLarge(tenant, services),
      ];
    }),
  );

function referencesLead({ settings, hasPort, problem }: MergedService): Problem[] {
  const { env = {}, command = [], args = [], migrate = [] } = settings;
  const known = [...Object.keys(env), ...secretNames(settings), ...TOLD.filter((name) => hasPort || name !== 'PORT')];
  const texts: readonly (readonly [readonly string[], string])[] = [
    ...Object.entries(env).map(([name, value]) => [['env', name], value] as const),
    ...command.map((word, index) => [['command', String(index)], word] as const),
    ...args.map((word, index) => [['args', String(index)], word] as const),
    ...migrate.map((word, index) => [['migrate', String(index)], word] as const),
  ];
  const unknown = texts.flatMap(([path, text]) =>
    [...new Set(references(text))]
      .filter((name) => !known.includes(name))
      .map((name) =>
        problem(
          path,
          `${path.join('.')} refers to $(${name}), and the service has no such variable ($$(${name}) is that text itself)${suggestion(name, known)}`,
        ),
      ),
  );
  const circles = Object.keys(env).flatMap((name) => {
    const circle = circleOf(name, env);
    return circle ? [problem(['env', name], `env.${name} refers to itself: ${circle.join(' → ')}`)] : [];
  });
  return [...unknown, ...circles];
}

/** Variables that come from Secrets: they stand before the others, which may refer to them. */
function secretNames({ secrets = {} }: MergedService['settings']): string[] {
  return Object.keys(secrets).filter((name) => secrets[name] !== null);
}

function saidOnce({ settings, problem }: MergedService): Problem[] {
  return secretNames(settings)
    .filter((name) => Object.hasOwn(settings.env ?? {}, name))
    .map((name) =>
      problem(
        ['env', name],
        `env.${name} is a variable that the service takes from a Secret as well: leave out one of the two`,
      ),
    );
}

function tooMany({ name, settings, problem }: MergedService): Problem[] {
  const count = Object.keys(settings.env ?? {}).length;
  if (count <= MOST_VARIABLES) return [];
  const message = `services.${name}.env comes to ${count} variables in all, and may have ${MOST_VARIABLES}`;
  return [problem(['env'], message)];
}

function tooLarge({ yaml }: TenantSource, services: readonly MergedService[]): Problem[] {
  const texts = services.flatMap(({ settings: { env = {}, command = [], args = [], migrate = [] } }) => [
    ...Object.entries(env).flat(),
    ...command,
    ...args,
    ...migrate,
  ]);
  const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (size <= MOST_TEXT) return [];
  const message = `the variables, commands and arguments of the tenant come to more than ${MOST_TEXT / 1024} KiB`;
  return [yaml.problem(['services'], message)];
}
