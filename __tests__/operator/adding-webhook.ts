import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { authority, certificate } from '../fleet/health/certificates';

interface Review {
  readonly request: { readonly uid: string; readonly object: { readonly metadata: { readonly annotations?: object } } };
}

/** An admission webhook that adds an annotation to every object that is made or changed, as meshes and policy engines do. */
export class AddingWebhook {
  private constructor(
    private readonly server: Server,
    private readonly ca: string,
  ) {}

  static async start(annotation: string, value: string): Promise<AddingWebhook> {
    const ca = await authority();
    const server = createServer(await certificate({ host: 'localhost', by: ca }), async (request, response) => {
      const { uid, object } = ((await json(request)) as Review).request;
      const path = `/metadata/annotations/${annotation.replaceAll('/', '~1')}`;
      const patch = [
        ...(object.metadata.annotations ? [] : [{ op: 'add', path: '/metadata/annotations', value: {} }]),
        { op: 'add', path, value },
      ];
      const answer = { uid, allowed: true, patchType: 'JSONPatch', patch: btoa(JSON.stringify(patch)) };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }));
    });
    server.listen(0, 'localhost');
    await once(server, 'listening');
    return new AddingWebhook(server, ca.cert);
  }

  /** What has the API server ask it about these resources, in namespaces with this label. */
  configuration(name: string, apiGroups: readonly string[], resources: readonly string[], matchLabels: object) {
    const url = `https://localhost:${(this.server.address() as AddressInfo).port}/`;
    return {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name },
      webhooks: [
        {
          name: `${name}.example.com`,
          clientConfig: { url, caBundle: btoa(this.ca) },
          rules: [{ apiGroups, apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources, scope: 'Namespaced' }],
          namespaceSelector: { matchLabels },
          sideEffects: 'None',
          failurePolicy: 'Fail',
          admissionReviewVersions: ['v1'],
        },
      ],
    };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
