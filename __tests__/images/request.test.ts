import { imageRequests } from '../../lib/images/request';
import { changed, GOOD_PLATFORM, load } from '../config/configuration-files';

describe('what a run must resolve', () => {
  test('is every service in every release that a tenant runs, each once, and the operator', () => {
    const { platform, tenants } = load({
      'tenants/acme.yaml': 'host: acme.example.com\n',
      'tenants/hooli.yaml': 'host: hooli.example.com\nrelease: releases/0.0.10\n',
      'tenants/initech.yaml':
        'host: initech.example.com\nservices: { apiserver: { release: releases/0.0.10 }, web-client: { replicas: 3 } }\n',
    });

    expect(imageRequests(platform, tenants)).toEqual([
      {
        service: 'apiserver',
        release: 'releases/0.0.10',
        repository: 'apiserver',
        tag: 'releases-0.0.10',
        tenants: ['hooli', 'initech'],
      },
      {
        service: 'apiserver',
        release: 'releases/0.0.2',
        repository: 'apiserver',
        tag: 'releases-0.0.2',
        tenants: ['acme', 'globex'],
      },
      {
        service: 'operator',
        release: 'releases/0.0.2',
        repository: 'tenantry-operator',
        tag: 'releases-0.0.2',
        tenants: [],
      },
      {
        service: 'web-client',
        release: 'releases/0.0.10',
        repository: 'web-client',
        tag: 'releases-0.0.10',
        tenants: ['hooli'],
      },
      {
        service: 'web-client',
        release: 'releases/0.0.2',
        repository: 'web-client',
        tag: 'releases-0.0.2',
        tenants: ['acme', 'globex', 'initech'],
      },
    ]);
  });

  test('names its tenants in the order of their names, which is not that of their files', () => {
    const { platform, tenants } = load({
      'tenants/a-b.yaml': 'host: a-b.example.com\n',
      'tenants/a.yaml': 'host: a.example.com\n',
    });
    expect(imageRequests(platform, tenants)[0]?.tenants).toEqual(['a', 'a-b', 'globex']);
  });

  test('is looked for in the repository of the service, and under the tag of the release', () => {
    const text = changed(GOOD_PLATFORM, 'port: 3000', 'port: 3000, repository: acme/web');
    const { platform, tenants } = load({
      'platform.yaml': `${changed(text, 'releases/0.0.2', 'releases/big/fix')}operator: { repository: acme/op, release: releases/1 }\n`,
    });
    expect(imageRequests(platform, tenants).map(({ repository, tag }) => `${repository}:${tag}`)).toEqual([
      'apiserver:releases-big-fix',
      'acme/op:releases-1',
      'acme/web:releases-big-fix',
    ]);
  });

  test('has in it what a tenant on its way out runs: its manifest still names it', () => {
    const { platform, tenants } = load({
      'tenants/globex.yaml': 'host: globex.example.com\ndecommission: true\n',
    });
    expect(imageRequests(platform, tenants).map(({ service }) => service)).toEqual([
      'apiserver',
      'operator',
      'web-client',
    ]);
  });
});
