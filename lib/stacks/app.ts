import { App } from 'cdktf';
import type { Platform } from '../config/platform';
import { type Deployment, deployedManifests } from './deployed-manifests';
import { importId } from './import-id';
import { literal } from './literal';
import { OperatorStack } from './operator';
import { RegistryStack } from './registry';
import { TenantsStack } from './tenants';

/**
 * The whole tree, from data alone: everything that must be read or asked was, before. Whatever Terraform gets from outside comes in here.
 *
 * @param deployment - absent on the day when the registry itself is made, and no image can exist: then there is only the registry stack.
 */
export function buildApp(outdir: string, platform: Platform, deployment?: Deployment): App {
  // What cdktf validates is whether Terraform is new enough: once for each object that is imported, by a process. Terraform says it itself (state-backend.ts).
  const app = new App({ outdir, skipValidation: true });
  new RegistryStack(app, 'registry', literal({ platform }));
  if (!deployment) return app;

  const { tenants, live } = deployment;
  const manifests = deployedManifests(platform, deployment);
  const operator = new OperatorStack(
    app,
    'operator',
    literal({ platform, manifests: manifests.operator, live: live.objects.map(importId) }),
  );
  const names = new Set(tenants.map(({ name }) => name));
  const leaving = live.tenants.filter(({ metadata }) => metadata.deletionTimestamp && !names.has(metadata.name));
  new TenantsStack(
    app,
    'tenants',
    literal({
      platform,
      manifests: manifests.tenants,
      live: live.tenants.map(({ metadata }) => metadata.name),
      leaving: leaving.map(({ metadata }) => metadata.name),
    }),
  ).addDependency(operator);
  return app;
}
