const AMPLE = { cpu: '1000', memory: '4Ti', pods: '10000' };

/** The one Node of the local cluster, as kwok plays it: with room for every pod. */
export const FAKE_NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'local', labels: { 'kubernetes.io/hostname': 'local', 'kubernetes.io/os': 'linux' } },
  status: { capacity: AMPLE, allocatable: AMPLE },
};
