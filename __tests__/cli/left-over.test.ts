import { leftOverText } from '../../cli/left-over/left-over-text';
import { withoutTenants } from '../../lib/fleet/left-over';

const NOW = new Date('2026-11-27T12:00:00Z');
const left = (tenant: string, bytes: number | null = 8_500_000) => ({
  tenant,
  roles: [`tenant_${tenant}`],
  databases: [{ name: `tenant_${tenant}`, bytes }],
  since: '2026-11-20T12:00:00Z',
  drop: [`DROP DATABASE "tenant_${tenant}"`, `DROP ROLE "tenant_${tenant}"`],
});
const seen = (server: string, ...tenants: ReturnType<typeof left>[]) => ({
  server,
  lookedAt: '2026-11-27T11:48:00Z',
  tenants,
});

describe('what tenants that are gone have left', () => {
  test('is told with its size, since when, when it was looked at, and the statements that drop it', () => {
    const text = leftOverText([seen('', left('acme')), seen('eu-2', left('order', null))], NOW);
    expect(text).toContain('Looked at: the default server 12 min ago, the server eu-2 12 min ago.');
    expect(text).toContain(`acme: tenant_acme (8.1 MiB), on the default server, seen since 7 d (2026-11-20T12:00:00Z)
  DROP DATABASE "tenant_acme";
  DROP ROLE "tenant_acme";`);
    expect(text).toContain('order: tenant_order (size unknown), on the server eu-2');
  });

  test('is nothing of a tenant that came back since it was looked at', () => {
    const servers = withoutTenants([seen('', left('acme'))], new Set(['acme']));
    expect(leftOverText(servers, NOW)).toBe(
      'Tenants that are gone have left nothing on the database servers. Looked at: the default server 12 min ago.',
    );
  });

  test('is unknown before the operator has looked', () => {
    expect(leftOverText(undefined, NOW)).toContain('The operator has not looked yet');
  });
});
