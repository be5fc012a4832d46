import { z } from 'zod';
import { RANGE } from './address-range';
import { refusing, rule, withApiRules } from './api-rules';
import { NAMESPACE_PREFIX, text } from './names';
import { orNone } from './paths';
import { word } from './words';

/** As many annotations as an Ingress can be given, and as many as may reach the services. */
export const MOST_OF_INGRESS = 32;

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SOURCE = new RegExp(`^(${RANGE}|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$`);

export const ingressClass = text('the name of an IngressClass')
  .regex(SUBDOMAIN, 'must be the name of an IngressClass: lower-case letters, digits, "-" and "."')
  .max(253, 'must have at most 253 characters');

export const issuer = text('the name of a ClusterIssuer of cert-manager')
  .regex(SUBDOMAIN, 'must be the name of a ClusterIssuer: lower-case letters, digits, "-" and "."')
  .max(253, 'must have at most 253 characters');

export const annotationName = refusing(
  text('the name of an annotation')
    .regex(
      /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
      'must be the name of an annotation, such as nginx.ingress.kubernetes.io/proxy-body-size',
    )
    .max(253, 'must have at most 253 characters'),
  // With the kind or the group of an issuer beside it, cert-manager makes no certificate at all: pkg/controller/certificate-shim/sync.go. What
  // it edits in place, the operator puts back.
  /^(([a-z0-9.-]+\.)?tenantry\.dev\/.*|kubernetes\.io\/ingress\.class|cert-manager\.io\/(cluster-issuer|issuer(-kind|-group)?)|acme\.cert-manager\.io\/http01-edit-in-place)$/,
  'is taken: "class" and "issuer" say which controller and which issuer, and the Ingress and tenantry.dev are the operator\'s alone',
);

/** Whom the NetworkPolicy lets in: a namespace, or addresses, as of a load balancer that knows pods by theirs. */
export const source = refusing(
  text('a namespace or a range of addresses')
    .regex(
      SOURCE,
      'must be the name of a namespace, such as ingress-nginx, or a range of addresses, such as 10.0.0.0/16',
    )
    .max(63, 'must have at most 63 characters'),
  new RegExp(`^${NAMESPACE_PREFIX}`),
  'is the namespace of a tenant: no tenant reaches the services of another',
);

/** How the tenant's host is answered at. */
export const ingress = withApiRules(
  z.strictObject({
    class: orNone(ingressClass).describe(
      'IngressClass. Empty for the one that the cluster gives an Ingress when it is made.',
    ),
    issuer: orNone(issuer).describe(
      'ClusterIssuer of cert-manager that makes the certificates. Empty where somebody else makes their Secrets, or where the controller has a certificate of its own.',
    ),
    annotations: rule(
      withApiRules(
        z
          .array(
            z.strictObject({
              name: annotationName.describe('Name of the annotation.'),
              value: word.describe('Its value.'),
            }),
          )
          .max(MOST_OF_INGRESS, `must be at most ${MOST_OF_INGRESS} annotations`),
        { 'x-kubernetes-list-type': 'atomic' },
      ),
      {
        holds: (annotations) => new Set(annotations.map(({ name }) => name)).size === annotations.length,
        cel: 'self.all(one, self.exists_one(other, other.name == one.name))',
        message: 'each annotation needs a name of its own',
      },
    ).describe('Annotations of the Ingress, sorted by name.'),
    from: withApiRules(z.array(source).max(MOST_OF_INGRESS, `must be at most ${MOST_OF_INGRESS} entries`), {
      'x-kubernetes-list-type': 'atomic',
    }).describe(
      "Namespaces and ranges of addresses from which the services are reached, besides those of the tenant. Empty for every namespace that is no tenant's.",
    ),
  }),
  { 'x-kubernetes-map-type': 'atomic' },
);

export type Ingress = Readonly<z.output<typeof ingress>>;

/** Of a Tenant that says nothing of it. */
export const DEFAULT_INGRESS: Ingress = { class: '', issuer: '', annotations: [], from: [] };
