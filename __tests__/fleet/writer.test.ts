import { writerOf } from '../../lib/fleet/writer';
import { tenant } from '../stacks/pinned-platform';
import { DEPLOYED, deployed, EDITED, edited } from './live-fleet';

const amber = deployed(tenant('amber'));

describe('who wrote a field of a Tenant', () => {
  test('is the deploy, when nobody touched it since', () => {
    expect(writerOf(amber, ['host'])).toEqual({ manager: 'Terraform', at: DEPLOYED });
    expect(writerOf(amber, ['services', 'worker', 'image'])).toEqual({ manager: 'Terraform', at: DEPLOYED });
  });

  test('is whoever edited it, and still the deploy for everything beside it', () => {
    const meddled = edited(amber, ['services', 'worker', 'replicas'], 9);

    expect(writerOf(meddled, ['services', 'worker', 'replicas'])).toEqual({ manager: 'kubectl-edit', at: EDITED });
    expect(writerOf(meddled, ['services', 'worker', 'image'])?.manager).toBe('Terraform');
    expect(writerOf(meddled, ['services', 'apiserver', 'replicas'])?.manager).toBe('Terraform');
  });

  test('is the deploy, where another wrote the same beside it', () => {
    const [first, ...others] = amber.metadata.managedFields ?? [];
    const managedFields = [{ ...first, manager: 'backup', time: EDITED }, { ...first }, ...others];
    expect(writerOf({ ...amber, metadata: { ...amber.metadata, managedFields } }, ['host'])?.manager).toBe('Terraform');
  });

  test('is whoever wrote the list or map that it lies in, where that is atomic', () => {
    const managedFields = [{ manager: 'kubectl-edit', time: EDITED, fieldsV1: { 'f:spec': { 'f:services': {} } } }];
    const meddled = { ...amber, metadata: { ...amber.metadata, managedFields } };

    expect(writerOf(meddled, ['services', 'worker', 'image'])).toEqual({ manager: 'kubectl-edit', at: EDITED });
    expect(writerOf(meddled, ['host'])).toBeUndefined();
  });

  test('is nobody who writes only the status', () => {
    const [first] = amber.metadata.managedFields ?? [];
    const managedFields = [{ ...first, manager: 'tenantry-operator', subresource: 'status' }];
    expect(writerOf({ ...amber, metadata: { ...amber.metadata, managedFields } }, ['host'])).toBeUndefined();
  });

  test('is unknown where the API server keeps no record', () => {
    const { managedFields: _, ...metadata } = amber.metadata;
    expect(writerOf({ ...amber, metadata }, ['host'])).toBeUndefined();
    expect(writerOf(amber, ['services', 'nothing', 'image'])).toBeUndefined();
  });
});
