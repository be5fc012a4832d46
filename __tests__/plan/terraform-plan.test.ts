import { PlanUnreadable } from '../../lib/plan/plan-unreadable';
import { readPlan } from '../../lib/plan/terraform-plan';
import { manifest, PLATFORM, planText } from './plan-file';
import { reported } from './reported';

const PLAN = planText({ amber: { applied: manifest('amber'), wanted: manifest('amber', 'second') } });
const withField = (fields: object) => JSON.stringify({ ...JSON.parse(PLAN), ...fields });

describe('a plan cannot be shown', () => {
  test.each([
    ['half of it', PLAN.slice(0, PLAN.length / 2), 'it is no JSON, or only a part of it'],
    ['nothing', ' \n', 'it is empty'],
    ['a plan as Terraform keeps it', 'PK\u0003\u0004...', 'it is a plan as Terraform keeps it for itself'],
    ['the log of a command', '{"@level":"info"}\n{"@level":"info"}\n', 'it is the log of a Terraform command'],
    ['a state', '{"format_version":"1.0","values":{}}', 'it is a state of Terraform'],
    ['null', 'null', 'it is no plan of Terraform'],
    ['a list', '[]', 'it is no plan of Terraform'],
    ['something else', '{"format_version":"1.2"}', 'it is no plan of Terraform (planned_values: '],
    ['a lock', '{"version":1,"images":[]}', 'it is no plan of Terraform'],
  ])('where it is %s', (_, text, reason) => {
    expect(() => readPlan(text, 'plan.json')).toThrow(PlanUnreadable);
    expect(() => readPlan(text, 'plan.json')).toThrow(`plan.json cannot be shown: ${reason}`);
    expect(() => readPlan(text, 'plan.json')).toThrow('terraform show -json <plan>');
  });

  test.each(['2.0', '0.2', '1', 'x'])('where it is of the format %s', (format_version) => {
    expect(() => readPlan(withField({ format_version }), 'plan.json')).toThrow(
      `plan.json cannot be shown: it has format "${format_version}", and this program reads 1.x`,
    );
  });

  test('where Terraform ended half-way', () => {
    expect(() => readPlan(withField({ errored: true }), 'plan.json')).toThrow('Terraform ended with an error');
  });

  test('where it does something that nobody knows here: it might lose a tenant', () => {
    const actions = ['evaporate'];
    const text = planText({ amber: { applied: manifest('amber'), wanted: manifest('amber'), actions } });
    expect(() => readPlan(text, 'plan.json')).toThrow('it would "evaporate" "kubernetes_manifest.tenant-amber"');
  });

  test('where it is the plan of another platform in the same registry', () => {
    const text = planText({}, { platform: 'staging' });
    expect(() => reported(text)).toThrow('it is the plan of the platform "staging", and this is acme. Say --platform');
    expect(reported(text, { platform: { ...PLATFORM, name: 'staging' } }).verdict).toBe('nothing');
  });

  test('where its images are in another registry', () => {
    const platform = { ...PLATFORM, registry: { account: '210987654321', region: 'eu-central-1' } };
    expect(() => reported(PLAN, { platform })).toThrow('it is the plan of another platform: it has the image "1234');
  });
});

describe('a plan is shown', () => {
  test.each(['1.0', '1.2', '1.99'])('in the format %s, with whatever was added to it', (format_version) => {
    expect(reported(withField({ format_version, checks: [], something: 'new' })).verdict).toBe('changes');
  });

  test('where it has no resources at all', () => {
    const { resource_changes: _, resource_drift: __, configuration: ___, timestamp: ____, ...bare } = JSON.parse(PLAN);
    expect(reported(JSON.stringify(bare))).toEqual({
      version: 1,
      platform: 'acme',
      stack: 'tenants',
      partial: false,
      verdict: 'nothing',
      refusals: [],
      tenants: [],
      changes: [],
      others: [],
      waits: [],
      unproven: [],
    });
  });

  test.each([null, [], 'text', [null], [{}], { a: 1 }])('where a Tenant in it has the services %p', (services) => {
    const wanted = { ...manifest('amber'), spec: { ...manifest('amber').spec, services } } as never;
    expect(reported(planText({ amber: { applied: manifest('amber'), wanted } })).changes).toHaveLength(1);
  });
});
