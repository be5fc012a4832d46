import { z } from 'zod';
import { connectionLimit, databaseServer, MOST_SERVERS, rotation } from '../tenant/database-server';
import { MOST_SERVICES, port, release, serviceName } from '../tenant/names';
import { healthPath, servicePath } from '../tenant/paths';
import { MOST_RINGS } from '../tenant/rollout';
import {
  awsAccount,
  awsRegion,
  bucketName,
  ecrRepository,
  eksCluster,
  gitBranch,
  githubEnvironment,
  githubRepository,
  plainText,
  platformName,
} from './names';
import { plan, planName } from './plan';
import { ringNameOf, writtenRing } from './ring';
import { platformSecrets } from './secrets';
import { serviceSettings } from './service-settings';
import { writtenEgress } from './written-egress';
import { writtenIngress } from './written-ingress';
import { writtenQuota } from './written-quota';
import { writtenSecretStore } from './written-secret-store';

const provenance = z.enum(['required', 'unchecked'], 'must be required or unchecked');

const service = z
  .strictObject({
    repository: ecrRepository
      .optional()
      .describe("ECR repository of the service's images. Default: the service's name."),
    github: githubRepository
      .exactOptional()
      .describe(
        'GitHub repository that builds the images; it alone may push them. owner/name, or owner@id/name@id for repositories whose OIDC tokens carry ids. Needed, but for a service with "image".',
      ),
    image: serviceName
      .exactOptional()
      .describe(
        'Another service, whose image and release it runs: a second process of the same code. Default: an image of its own.',
      ),
    port: port
      .exactOptional()
      .describe(
        'Port on which the service listens. Default: none; it is then reached by nobody, and not asked for its health.',
      ),
    path: servicePath
      .nullable()
      .optional()
      .describe(
        "Path under which a tenant's host reaches the service: /api takes /api and /api/x. Requests arrive with the path as it is; nothing is cut off. null for a service that is not reached from outside. Default: /<name of the service>; null where healthPath is null.",
      ),
    healthPath: healthPath
      .nullable()
      .optional()
      .describe(
        "Path that answers 2xx when the service is healthy. It is asked of each pod and, for a service with a path, of the tenant's host from outside, so it lies below that path. null for a service that answers no HTTP. Default: <path>/v1/health.",
      ),
    provenance: provenance
      .exactOptional()
      .describe(
        "Whether an image of the service must be attested: required or unchecked. Default: the platform's. docs/provenance.md.",
      ),
    ...serviceSettings.shape,
    secrets: platformSecrets
      .exactOptional()
      .describe(
        "Variables that the service takes from Secrets in the tenant's namespace: STRIPE_KEY: stripe/api-key is the key api-key of the Secret stripe; STRIPE_KEY: api-key is that key in the secret store. Who makes Secrets, and how: docs/secrets.md.",
      ),
  })
  .refine(({ github, image }) => github !== undefined || image !== undefined, { path: ['github'], error: 'is missing' })
  .refine(({ github, image }) => github === undefined || image === undefined, {
    path: ['github'],
    error: 'must be left out where the image is that of another service, which its "github" builds',
  })
  .refine(({ repository, image }) => repository === undefined || image === undefined, {
    path: ['repository'],
    error: 'must be left out where the image is that of another service, and lies in its repository',
  })
  .refine(({ provenance, image }) => provenance === undefined || image === undefined, {
    path: ['provenance'],
    error: 'must be left out where the image is that of another service, which says it',
  })
  .describe('A service: what one application repository builds, or another process of the same image.');

const cluster = z
  .strictObject({
    eks: eksCluster.optional().describe('Name of an EKS cluster. Credentials are those of AWS.'),
    kubeconfig: plainText.optional().describe('Path of a kubeconfig, from this file.'),
    context: plainText
      .optional()
      .describe("Context in the kubeconfig. The environment's KUBE_CTX goes before it. Default: the current one."),
  })
  .refine((given) => (given.eks === undefined) !== (given.kubeconfig === undefined), {
    error: 'must name either an EKS cluster ("eks") or a "kubeconfig", and not both',
  })
  .refine((given) => given.context === undefined || given.kubeconfig !== undefined, {
    error: 'has a "context", which only a "kubeconfig" can have',
  })
  .describe('Where the tenants live: an EKS cluster, or a kubeconfig with a context.');

/** What stands in a platform file: one environment, with everything its tenants share. */
export const platformFile = z
  .strictObject({
    name: platformName.describe('Name of the platform; it begins the names of roles and the keys of states.'),
    release: release.describe('Release that tenants run unless they say otherwise, such as releases/0.0.2.'),
    github: githubRepository.describe('GitHub repository of this program: it plans and deploys.'),
    branch: gitBranch.default('main').describe('Default branch of the GitHub repositories. Default: main.'),
    environment: githubEnvironment
      .optional()
      .describe('GitHub environment of the deploy job. Default: none; then the default branch is what AWS trusts.'),
    after: plainText
      .exactOptional()
      .describe(
        'Path of another platform file, from this file: the environment whose tenants must have converged on an image before the tenants of this one take it. Default: none.',
      ),
    registry: z
      .strictObject({
        account: awsAccount.describe('AWS account of the ECR registry: 12 digits, in quotes.'),
        region: awsRegion.describe('AWS region of the ECR registry.'),
        shared: z
          .boolean('must be true or false')
          .optional()
          .describe(
            "Whether another platform's registry stack makes the ECR repositories, as for a second environment in the same account. This one's then makes only the roles that plan and deploy it. Default: false.",
          ),
      })
      .describe('The ECR registry.'),
    services: z
      .record(serviceName, service)
      .refine((services) => Object.keys(services).length > 0, 'must name at least one service')
      .refine(
        (services) => Object.keys(services).length <= MOST_SERVICES,
        `must name at most ${MOST_SERVICES} services, as many as a Tenant can have`,
      )
      .describe('Services by name. Every tenant runs all of them.'),
    plans: z
      .record(planName, plan.describe('What the tenants of this plan have.'))
      .exactOptional()
      .describe('Plans by name: a tenant of one has what it says over what the platform says.'),
    operator: z
      .strictObject({
        repository: ecrRepository
          .default('tenantry-operator')
          .describe("ECR repository of the operator's images. Default: tenantry-operator."),
        release: release.optional().describe("Release of the operator. Default: the platform's."),
        provenance: provenance
          .exactOptional()
          .describe("Whether an image of the operator must be attested. Default: the platform's."),
      })
      .prefault({})
      .describe('The operator that turns Tenants into namespaces, databases and Deployments.'),
    provenance: provenance
      .default('unchecked')
      .describe(
        'required: an image is deployed only where its attestation names the GitHub repository, branch and commit that its tag promises, and the workflow that publishes. Default: unchecked. docs/provenance.md.',
      ),
    cluster,
    ingress: writtenIngress.exactOptional().describe('How tenants are reached from outside.'),
    egress: writtenEgress
      .exactOptional()
      .describe(
        'What the pods of tenants may connect to, besides DNS, their own namespace and their database: [internet], [internet, 10.20.0.5/32:6379, monitoring], [none], [anywhere]. Default: [anywhere]. docs/walls.md.',
      ),
    quota: writtenQuota
      .exactOptional()
      .describe('What all pods of each tenant may take of the cluster together. docs/walls.md.'),
    database: z
      .strictObject({
        servers: z
          .array(databaseServer)
          .max(MOST_SERVERS, `must have at most ${MOST_SERVERS} names`)
          .refine((servers) => new Set(servers).size === servers.length, 'names a server twice')
          .exactOptional()
          .describe(
            'Names of further database servers, besides the one that has none. Where they are, the operator is told in its cluster: docs/database.md. Default: none.',
          ),
        connectionLimit: connectionLimit
          .exactOptional()
          .describe(
            "Connections that each tenant's services may have at the same time, all pods together; 0 for as many as the server has. Default: 0.",
          ),
        rotation: rotation
          .exactOptional()
          .describe(
            'Any word, such as 2026-11. Another word than before gives every tenant a new password for its database, without an outage: docs/database.md. Default: none.',
          ),
      })
      .exactOptional()
      .describe("The tenants' databases."),
    secretStore: writtenSecretStore
      .exactOptional()
      .describe(
        'Store of External Secrets from which the Secrets come that are called as services are. Default: none.',
      ),
    state: z
      .strictObject({
        bucket: bucketName.describe("S3 bucket of Terraform's state; `tenantry bootstrap` makes it."),
        region: awsRegion.optional().describe("Region of the bucket. Default: the registry's."),
      })
      .describe("Where Terraform's state is kept."),
    rings: z
      .array(writtenRing)
      .min(1, 'must name at least one ring')
      .max(MOST_RINGS, `must name at most ${MOST_RINGS} rings`)
      .refine((rings) => new Set(rings.map(ringNameOf)).size === rings.length, 'names a ring twice')
      .describe(
        'Rings in the order in which they take new images; a later one does when the ones before are well on them. A name, or { name, bake, atOnce, unproven }.',
      ),
    verify: z
      .strictObject({
        attempts: z
          .int('must be a whole number')
          .min(1, 'must be 1 or more')
          .max(1000, 'must be at most 1000')
          .exactOptional()
          .describe(
            'Times that a tenant is looked at before it is given up. Default: for each ring a minute, the startupSeconds of its slowest service and its bake, and half a minute for each lot of tenants that roll at once; an hour and a half at most.',
          ),
        interval: z
          .int('must be a whole number of seconds')
          .min(1, 'must be 1 second or more')
          .max(300, 'must be at most 300 seconds')
          .default(5)
          .describe('Seconds from one attempt to the next. Default: 5.'),
      })
      .prefault({})
      .describe('How long `tenantry verify` waits for tenants to converge.'),
    tenants: plainText.default('tenants').describe('Folder of the tenant files, from this file. Default: tenants.'),
    frozen: plainText
      .optional()
      .describe(
        'Path of a lock, from this file. While it is named, every run deploys exactly its images. Default: none.',
      ),
  })
  .describe('One environment of the platform.');

export type PlatformFile = z.output<typeof platformFile>;
