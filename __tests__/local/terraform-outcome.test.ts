import { terraformOutcomes } from '../../local/terraform-outcome';

const CURSOR = '\x1b[2K\x1b[1A\x1b[2K\x1b[G';

test('each stack has one outcome', () => {
  const output = `
operator  Initializing the backend...
${CURSOR}operator  \x1b[0m\x1b[1m\x1b[32mNo changes.\x1b[0m\x1b[1m Your infrastructure matches the configuration.\x1b[0m
          Apply complete! Resources: 0 added, 0 changed, 0 destroyed.
${CURSOR}tenants  kubernetes_manifest.globex: Creating...
          Apply complete! Resources: 3 added, 1 changed, 0 destroyed.
`;
  expect(terraformOutcomes(output)).toEqual([
    'operator: No changes.',
    'tenants: Resources: 3 added, 1 changed, 0 destroyed.',
  ]);
});

test('what was never applied has none', () => {
  expect(terraformOutcomes('tenants  Error: Unauthorized\n')).toEqual([]);
});
