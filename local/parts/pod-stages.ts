import { AILMENTS } from '../unhealthy-image';

const APPEARS = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
const LEAVES = { key: '.metadata.deletionTimestamp', operator: 'Exists' };
const IS_NEW = { key: '.status.podIP', operator: 'DoesNotExist' };
const IS_RUNNING = { key: '.status.phase', operator: 'In', values: ['Running'] };
const RUNS_ONCE = { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] };
const ENDS = [APPEARS, IS_RUNNING, RUNS_ONCE];
const NEVER_GETS_READY = begins(AILMENTS.pods);
const ITS_JOBS_FAIL = begins(AILMENTS.jobs);

/** Long enough to be seen running. */
const MOMENT = { durationMilliseconds: 500 };

/** What the Jobs of an image say that is published to fail in them. */
const LAST_WORDS = ['applying 0007_users_email', 'ERROR: relation "users" does not exist'];

/**
 * What becomes of a pod that is scheduled, as kwok plays it: it runs and is ready, or, with an image whose pods never get ready, it runs and
 * is not; one of a Job ends after a moment, well or, with an image whose Jobs fail, not; and it goes away when it is deleted. Written for
 * kwok's `Stage` (kwok.x-k8s.io/v1alpha1).
 */
export const POD_STAGES: readonly object[] = [
  stage('pod-ready', [APPEARS, IS_NEW, { key: NEVER_GETS_READY, operator: 'NotIn', values: ['true'] }], running(true)),
  stage('pod-unready', [APPEARS, IS_NEW, { key: NEVER_GETS_READY, operator: 'In', values: ['true'] }], running(false)),
  stage('pod-succeed', [...ENDS, { key: ITS_JOBS_FAIL, operator: 'NotIn', values: ['true'] }], ended(true), MOMENT),
  stage('pod-fail', [...ENDS, { key: ITS_JOBS_FAIL, operator: 'In', values: ['true'] }], ended(false), MOMENT),
  stage('pod-delete', [LEAVES], { finalizers: { empty: true }, delete: true }),
];

function begins(commit: string): string {
  return `.metadata.labels["git.sha"] // "" | startswith("${commit}")`;
}

function stage(name: string, matchExpressions: readonly object[], next: object, delay = {}): object {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { apiGroup: 'v1', kind: 'Pod' }, selector: { matchExpressions }, next, delay },
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

/** The same of a pod whose containers ended, with what they said last where they failed: so has it `FallbackToLogsOnError`. */
function ended(well: boolean): object {
  const outcome = well
    ? `
      exitCode: 0
      reason: Completed`
    : `
      exitCode: 1
      reason: Error
      message: {{ ${JSON.stringify(`${LAST_WORDS.join('\n')}\n`)} | Quote }}`;
  const statusTemplate = `
phase: ${well ? 'Succeeded' : 'Failed'}
conditions:
- type: ContainersReady
  status: "False"
  reason: ${well ? 'PodCompleted' : 'PodFailed'}
  lastTransitionTime: {{ Now | Quote }}
- type: Ready
  status: "False"
  reason: ${well ? 'PodCompleted' : 'PodFailed'}
  lastTransitionTime: {{ Now | Quote }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: false
  restartCount: 0
  state:
    running: null
    terminated:
      startedAt: {{ Now | Quote }}
      finishedAt: {{ Now | Quote }}${outcome}
{{ end }}
`;
  return { statusTemplate };
}
