import { z } from 'zod';
import {
  annotationName,
  DEFAULT_INGRESS,
  type Ingress,
  ingressClass,
  issuer,
  MOST_OF_INGRESS,
  source,
} from '../tenant/ingress';
import { word } from '../tenant/words';
import { asWritten } from './as-written';
import { wholeRange } from './whole-range';

/** How tenants are reached from outside, as a person writes it. */
export const writtenIngress = z.strictObject({
  class: ingressClass
    .exactOptional()
    .describe(
      "IngressClass of the tenants' Ingresses. Default: none; then each has the one that the cluster gives it when it is made.",
    ),
  issuer: issuer
    .exactOptional()
    .describe(
      'ClusterIssuer of cert-manager that makes a certificate for each host. Default: none; then Secrets in the namespaces of the tenants are used, or a certificate of the controller.',
    ),
  annotations: z
    .record(annotationName, asWritten(word))
    .refine((all) => Object.keys(all).length <= MOST_OF_INGRESS, `must have at most ${MOST_OF_INGRESS} annotations`)
    .exactOptional()
    .describe("Annotations of the tenants' Ingresses: whatever their controller is to be told. Default: none."),
  from: z
    .array(wholeRange(source))
    .max(MOST_OF_INGRESS, `must have at most ${MOST_OF_INGRESS} entries`)
    .refine((all) => new Set(all).size === all.length, 'names one twice')
    .exactOptional()
    .describe(
      "Namespaces and ranges of addresses from which services are reached, such as [ingress-nginx] or [10.0.0.0/16]. Default: every namespace that is no tenant's.",
    ),
});

export function ingressOf({ annotations = {}, ...written }: z.output<typeof writtenIngress> = {}): Ingress {
  return {
    ...DEFAULT_INGRESS,
    ...written,
    annotations: Object.keys(annotations)
      .sort()
      .map((name) => ({ name, value: annotations[name] as string })),
  };
}
