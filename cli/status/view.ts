import { findCommit } from '../../lib/fleet/commit-search';
import type { Fleet } from '../../lib/fleet/fleet';
import { fleetJson } from '../../lib/fleet/fleet-json';
import { type Selection, select } from '../../lib/fleet/selection';
import type { Setting } from '../../lib/fleet/setting';
import { printableJson } from '../../lib/text/harmless';
import { commitText } from './commit-text';
import { fleetText } from './fleet-text';
import { refuseUnknown } from './known-names';

/** What somebody wants to know of a fleet. */
export interface Question extends Selection {
  /** A commit's first digits, or all of them. */
  readonly commit?: string;
  readonly each?: boolean;
}

/** The answer. */
export interface View {
  /** The part of the fleet that was asked for. */
  readonly fleet: Fleet;
  /** For people. */
  readonly text: string;
  /** Whether there is what was asked for: a commit can run nowhere. */
  readonly found: boolean;
  /** Where its settings come from, if that was asked. */
  readonly settings?: readonly Setting[];
}

const NOTHING = 'No tenant is in the cluster. Deploy with "npx cdktf deploy operator tenants".';

/** @throws WrongOption when the question names what nobody knows. */
export function refuseUnknownNames(all: Fleet, { tenants, services, rings }: Question): void {
  refuseUnknown(
    '--tenant',
    tenants,
    'tenant',
    [...all.tenants, ...all.missing].map(({ tenant }) => tenant),
  );
  refuseUnknown('--service', services, 'service', all.services);
  refuseUnknown('--ring', rings, 'ring', all.rings);
}

/** The answer. Of what nobody knows there is nothing in it: whoever asks once asks `refuseUnknownNames` before. */
export function view(all: Fleet, question: Question): View {
  const { tenants, commit } = question;
  const part = select(all, question);
  // Whoever names a tenant wants to see it, not what it has in common with others.
  const each = question.each ?? tenants !== undefined;
  if (commit === undefined) {
    return { fleet: part, text: all.tenants.length === 0 ? NOTHING : fleetText(part, { each }), found: true };
  }
  const search = findCommit(part, commit);
  return { fleet: search.fleet, text: commitText(commit, search, { each }), found: search.found.length > 0 };
}

/** The answer for programs. */
export function viewJson({ fleet, settings }: View, indent?: number): string {
  return printableJson({ ...fleetJson(fleet), ...(settings && { settings }) }, indent);
}
