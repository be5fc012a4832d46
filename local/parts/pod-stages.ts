import { AILMENTS } from '../unhealthy-image';

const APPEARS = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
const LEAVES = { key: '.metadata.deletionTimestamp', operator: 'Exists' };
const IS_NEW = { key: '.status.podIP', operator: 'DoesNotExist' };
const NEVER_GETS_READY = `.metadata.labels["git.sha"] // "" | startswith("${AILMENTS.pods}")`;

/**
 * What becomes of a pod that is scheduled, as kwok plays it: it runs and is ready, or, with an image whose pods never get ready, it runs and
 * is not; and it goes away when it is deleted. Written for kwok's `Stage` (kwok.x-k8s.io/v1alpha1).
 */
export const POD_STAGES: readonly object[] = [
  stage('pod-ready', [APPEARS, IS_NEW, { key: NEVER_GETS_READY, operator: 'NotIn', values: ['true'] }], running(true)),
  stage('pod-unready', [APPEARS, IS_NEW, { key: NEVER_GETS_READY, operator: 'In', values: ['true'] }], running(false)),
  stage('pod-delete', [LEAVES], { finalizers: { empty: true }, delete: true }),
];

function stage(name: string, matchExpressions: readonly object[], next: object): object {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { apiGroup: 'v1', kind: 'Pod' }, selector: { matchExpressions }, next },
  };
}

/** A status as a kubelet would write it, by a template of Go. */
function running(ready: boolean): object {
  const why = ready
    ? ''
    : `
  reason: ContainersNotReady
  message: "containers with unready status"`;
  const condition = (type: string, status: boolean) => `
- type: ${type}
  status: "${status ? 'True' : 'False'}"
  lastTransitionTime: {{ Now | Quote }}${status ? '' : why}`;
  const statusTemplate = `
phase: Running
startTime: {{ Now | Quote }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
conditions:${condition('Initialized', true)}${condition('ContainersReady', ready)}${condition('Ready', ready)}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: ${ready}
  restartCount: 0
  state:
    running:
      startedAt: {{ Now | Quote }}
{{ end }}
`;
  return { statusTemplate };
}
