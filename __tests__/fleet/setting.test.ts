import { join } from 'node:path';
import { configurationOf, loadSources } from '../../lib/config/load';
import { fromText } from '../../lib/config/origins';
import { joinFleet } from '../../lib/fleet/fleet';
import type { LiveTenant } from '../../lib/fleet/live-tenant';
import { select } from '../../lib/fleet/selection';
import { type Setting, settingsOf } from '../../lib/fleet/setting';
import { GOOD_PLATFORM, GOOD_TENANT, inFolder } from '../config/configuration-files';
import { deployed, edited, inEcr, NOW } from './live-fleet';

const FILES = {
  'platform.yaml': GOOD_PLATFORM,
  'tenants/globex.yaml': `${GOOD_TENANT}ring: canary\n`,
  'tenants/hooli.yaml': 'host: hooli.example.com\n',
};

/** The settings of a fleet of these files in which globex alone is live, and as `change` makes it. */
function settings(change: (live: LiveTenant) => LiveTenant, selection: Parameters<typeof select>[1] = {}): Setting[] {
  return inFolder(FILES, (folder) => {
    const sources = loadSources(join(folder, 'platform.yaml'));
    const configuration = configurationOf(sources);
    const [globex] = configuration.tenants;
    if (!globex) throw new Error('there is no tenant');
    const fleet = joinFleet(configuration, [change(deployed(globex))], inEcr(configuration.tenants), NOW);
    return settingsOf(select(fleet, selection), configuration, sources);
  });
}

/** What the cluster has in place of the files' word, by field. */
function differing(all: readonly Setting[]): Record<string, string> {
  const found = all.filter(({ live }) => live !== undefined);
  return Object.fromEntries(
    found.map(({ tenant, service, field, value, live }) => [
      [tenant, service, field].filter(Boolean).join(' '),
      `${value || 'none'}, not ${live || 'none'}`,
    ]),
  );
}

const API = ['services', 'apiserver'];

test('of a tenant that is as its files say, nothing differs', () => {
  expect(differing(settings((live) => live))).toEqual({});
});

test('what somebody edited by hand is said beside where the file says it', () => {
  const all = settings((live) => edited(live, [...API, 'replicas'], 9));
  expect(differing(all)).toEqual({ 'globex apiserver replicas': '2, not 9' });
  const [replicas] = all.filter(({ service, field }) => service === 'apiserver' && field === 'replicas');
  expect(replicas && fromText(replicas.from)).toMatch(/platform\.yaml:9:62$/);
});

test('what somebody added by hand stands among the settings, for no file says it', () => {
  const all = settings((live) => edited(live, [...API, 'env'], [{ name: 'DEBUG', value: '1' }]));
  expect(differing(all)).toEqual({ 'globex apiserver env.DEBUG': 'none, not 1' });
});

test('a service that the cluster has not differs in all that it has', () => {
  const all = settings(
    (live) => ({
      ...live,
      spec: { ...live.spec, services: live.spec.services.filter(({ name }) => name !== 'apiserver') },
    }),
    { tenants: ['globex'] },
  );
  const own = all.filter(({ service }) => service === 'apiserver');
  expect(own.length).toBeGreaterThan(5);
  expect(own.filter(({ live }) => live !== '')).toEqual([]);
  expect(all.filter(({ service, live }) => service !== 'apiserver' && live !== undefined)).toEqual([]);
});

test('a tenant that is not in the cluster has the settings of its files, and nothing to compare', () => {
  const all = settings((live) => live).filter(({ tenant }) => tenant === 'hooli');
  expect(all.map(({ field }) => field)).toContain('host');
  expect(differing(all)).toEqual({});
});

test('only what was asked for is told', () => {
  const all = settings((live) => live, { tenants: ['globex'], services: ['web-client'] });
  expect([...new Set(all.map(({ tenant }) => tenant))]).toEqual(['globex']);
  expect([...new Set(all.map(({ service }) => service))]).toEqual([undefined, 'web-client']);
});
