import {
  ETCD,
  goToolArtefact,
  KUBE_APISERVER,
  KUBE_SCHEDULER,
  KWOK,
  requiredVersion,
} from '../../local/programs/go-tool';
import { isAtLeast } from '../../local/programs/version';

const GO_MOD = `module example
require k8s.io/api v0.34.4
require (
	go.etcd.io/etcd/server/v3 v3.6.8 // indirect
	k8s.io/kubernetes v1.34.4
)
replace k8s.io/kubernetes/other => k8s.io/other v0.1.0
`;

test('a program’s version is the one that its go.mod requires', () => {
  expect(requiredVersion(GO_MOD, 'k8s.io/kubernetes')).toBe('v1.34.4');
  expect(requiredVersion(GO_MOD, 'go.etcd.io/etcd/server/v3')).toBe('v3.6.8');
  expect(requiredVersion(GO_MOD, 'k8s.io/api')).toBe('v0.34.4');
  expect(() => requiredVersion(GO_MOD, 'k8s.io/kube')).toThrow('go.mod names no version of k8s.io/kube');
});

test('the cache says in the name which version it holds', () => {
  expect(goToolArtefact(ETCD).name).toMatch(/^etcd-3\.\d+\.\d+$/);
  expect(goToolArtefact(KUBE_APISERVER).name).toMatch(/^kube-apiserver-1\.\d+\.\d+$/);
  expect(goToolArtefact(KUBE_SCHEDULER).name).toMatch(/^kube-scheduler-1\.\d+\.\d+$/);
  expect(goToolArtefact(KWOK).name).toMatch(/^kwok-0\.\d+\.\d+$/);
});

test.each([
  ['1.10.0', '1.10', true],
  ['1.9.8', '1.10', false],
  ['2.0', '1.10', true],
  ['3.11.7', '3.10', true],
  ['3.9.18', '3.10', false],
  ['1.26', '1.21', true],
])('version %s, where %s is needed: %s', (version, wanted, enough) => {
  expect(isAtLeast(version, wanted)).toBe(enough);
});
