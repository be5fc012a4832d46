import { tenantSettings } from '../../lib/config/tenant-settings';
import { GOOD_PLATFORM, load, problems } from './configuration-files';

const LINE = GOOD_PLATFORM.split('\n').length;
const platformWith = (ingress: string) => ({ 'platform.yaml': `${GOOD_PLATFORM}ingress: ${ingress}\n` });
const ingressOf = (files: Parameters<typeof load>[0]) =>
  load({ ...files, 'tenants/hooli.yaml': 'host: hooli.example.com\n' }).tenants.map(
    (one) => tenantSettings(one).ingress,
  );

describe('how tenants are reached from outside', () => {
  test('is what the platform says, for each of them, with annotations sorted by name and as they are written', () => {
    const said = {
      class: 'nginx',
      issuer: 'letsencrypt',
      annotations: [
        { name: 'alb.ingress.kubernetes.io/group.order', value: '1.10' },
        { name: 'nginx.ingress.kubernetes.io/ssl-redirect', value: 'true' },
      ],
      from: ['ingress-nginx', '10.0.0.0/16'],
    };
    const ingress = `{ class: nginx, issuer: letsencrypt, from: [ingress-nginx, 10.0.0.0/16],
  annotations: { nginx.ingress.kubernetes.io/ssl-redirect: true, alb.ingress.kubernetes.io/group.order: 1.10 } }`;
    expect(ingressOf(platformWith(ingress))).toEqual([said, said]);
  });

  test('names ranges of both kinds of addresses', () => {
    const [ingress] = ingressOf(platformWith('{ from: ["fd00::/8", "2a05:d014::/32", 10.0.0.0/8] }'));
    expect(ingress?.from).toEqual(['fd00::/8', '2a05:d014::/32', '10.0.0.0/8']);
  });

  test('is as the cluster does by default where the platform says nothing', () => {
    const nothing = { class: '', issuer: '', annotations: [], from: [] };
    expect(ingressOf({})).toEqual([nothing, nothing]);
    expect(ingressOf(platformWith('{}'))).toEqual([nothing, nothing]);
  });
});

describe('a setting of the ingress is refused on its line', () => {
  const TAKEN =
    'is taken: "class" and "issuer" say which controller and which issuer, and the Ingress and tenantry.dev are the operator\'s alone';
  const NAME = 'must be the name of an annotation, such as nginx.ingress.kubernetes.io/proxy-body-size';
  const SOURCE = 'must be the name of a namespace, such as ingress-nginx, or a range of addresses, such as 10.0.0.0/16';
  const many = (count: number, one: (n: number) => string) => Array.from({ length: count }, (_, n) => one(n)).join();
  test.each([
    [
      '{ class: Nginx }',
      19,
      'ingress.class must be the name of an IngressClass: lower-case letters, digits, "-" and "."',
    ],
    ['{ class: "" }', 19, 'ingress.class must be the name of an IngressClass: lower-case letters, digits, "-" and "."'],
    [
      '{ issuer: Lets_Encrypt }',
      20,
      'ingress.issuer must be the name of a ClusterIssuer: lower-case letters, digits, "-" and "."',
    ],
    ['{ annotations: { kubernetes.io/ingress.class: nginx } }', 27, `"kubernetes.io/ingress.class" ${TAKEN}`],
    ['{ annotations: { cert-manager.io/cluster-issuer: x } }', 27, `"cert-manager.io/cluster-issuer" ${TAKEN}`],
    ['{ annotations: { cert-manager.io/issuer: x } }', 27, `"cert-manager.io/issuer" ${TAKEN}`],
    ['{ annotations: { cert-manager.io/issuer-kind: x } }', 27, `"cert-manager.io/issuer-kind" ${TAKEN}`],
    ['{ annotations: { cert-manager.io/issuer-group: x } }', 27, `"cert-manager.io/issuer-group" ${TAKEN}`],
    [
      '{ annotations: { acme.cert-manager.io/http01-edit-in-place: true } }',
      27,
      `"acme.cert-manager.io/http01-edit-in-place" ${TAKEN}`,
    ],
    ['{ annotations: { tenantry.dev/mine: x } }', 27, `"tenantry.dev/mine" ${TAKEN}`],
    ['{ annotations: { -a: x } }', 27, `"-a" ${NAME}`],
    ['{ annotations: { a/b/c: x } }', 27, `"a/b/c" ${NAME}`],
    ['{ annotations: { a: [x] } }', 30, 'ingress.annotations.a must be text, a number, true or false'],
    ['{ annotations: { a: null } }', 30, 'ingress.annotations.a must be text, a number, true or false'],
    [`{ annotations: { ${many(33, (n) => `a${n}: x`)} } }`, 25, 'ingress.annotations must have at most 32 annotations'],
    ['{ from: [10.0.0.0] }', 19, `ingress.from.0 ${SOURCE}`],
    ['{ from: [a, 10.0.0.256/8] }', 22, `ingress.from.1 ${SOURCE}`],
    ['{ from: [10.0.0.0/33] }', 19, `ingress.from.0 ${SOURCE}`],
    ['{ from: ["fd00::/129"] }', 19, `ingress.from.0 ${SOURCE}`],
    [
      '{ from: [10.0.0.1/8] }',
      19,
      'ingress.from.0 does not begin with 10.0.0.1: write 10.0.0.0/8 for the whole range, or 10.0.0.1/32 for this address alone',
    ],
    ['{ from: [Ingress] }', 19, `ingress.from.0 ${SOURCE}`],
    ['{ from: [10.0.0.0/16, 10.0.0.0/16] }', 18, 'ingress.from names one twice'],
    ['{ from: ingress-nginx }', 18, 'ingress.from must be a list'],
    [`{ from: [${many(33, (n) => `n${n}`)}] }`, 18, 'ingress.from must have at most 32 entries'],
    ['{ clas: nginx }', 12, 'unknown key "clas"; did you mean "class"?'],
    ['nginx', 10, 'ingress must be a map of keys'],
  ])('%s', (ingress, column, problem) => {
    expect(problems(platformWith(ingress))).toEqual([`platform.yaml:${LINE}:${column}: ${problem}`]);
  });

  test('is none of a tenant', () => {
    expect(problems({ 'tenants/globex.yaml': 'host: globex.example.com\ningress: { class: nginx }\n' })).toEqual([
      expect.stringMatching(/^tenants\/globex\.yaml:2:1: unknown key "ingress"/),
    ]);
  });
});
