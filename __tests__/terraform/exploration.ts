import { earlier, farewell, type RingChange } from './ring-changes';
import { configurationOf, gatedConfigurationOf, type RingFleet } from './ring-fleet';
import { type Applied, TerraformFolder } from './terraform-folder';

const CUT = 'Error: Resource precondition failed';

/** One fleet, which is changed in many ways, in runs that are cut; and all that went wrong in them. */
export class Exploration {
  readonly problems: string[] = [];
  changes = 0;
  cuts = 0;
  runs = 0;

  private constructor(
    private readonly fleet: RingFleet,
    private readonly terraform: TerraformFolder,
  ) {}

  /** Deploys the fleet: first all in use, then some of them decommissioned. */
  static async begin(fleet: RingFleet): Promise<Exploration> {
    const exploration = new Exploration(fleet, await TerraformFolder.create());
    await exploration.run('the first run', [earlier(fleet)]);
    await exploration.run('the second run', [earlier(fleet), fleet]);
    return exploration;
  }

  /** Deploys the fleet as it was while rings were gates. */
  static async beginGated(fleet: RingFleet): Promise<Exploration> {
    const exploration = new Exploration(fleet, await TerraformFolder.create());
    for (const one of [earlier(fleet), fleet]) {
      const { errors } = await exploration.terraform.apply(gatedConfigurationOf(one));
      exploration.problems.push(...errors);
    }
    return exploration;
  }

  end(): void {
    this.terraform.remove();
  }

  /** Cuts the run of a change after each of its actions. */
  cutEverywhere(change: RingChange): Promise<void> {
    return this.explore(change, (actions) => Array.from({ length: actions }, (_, done) => done));
  }

  /** Cuts the run of a change before its first action and before its last. */
  cutAtItsEnds(change: RingChange): Promise<void> {
    return this.explore(change, (actions) => [0, actions - 1]);
  }

  private async explore(change: RingChange, cuts: (actions: number) => readonly number[]): Promise<void> {
    this.changes++;
    const base = this.terraform.state;
    const { actions } = await this.run(change.what, [this.fleet, change.fleet]);
    for (const done of cuts(actions.length)) {
      this.terraform.state = base;
      await this.cut(change, actions, done);
    }
    this.terraform.state = base;
  }

  /** After the cut comes the same once more, until nothing is left to do; or other files. */
  private async cut(change: RingChange, actions: readonly string[], done: number): Promise<void> {
    this.cuts++;
    const what = `${change.what}, cut after ${done} of ${actions.length}`;
    const history = [this.fleet, change.fleet];
    const left = new Set(actions.slice(done).map(nameIn));
    const gone = actions.slice(0, done).filter((action) => action.startsWith('delete'));
    // What is destroyed has no configuration that could refuse it: it is left out.
    const targets = [...resourcesOf(change.fleet), ...gone.map(nameIn)].map((name) => `-target=terraform_data.${name}`);
    await this.run(what, history, { cut: left, options: targets });
    const halfWay = this.terraform.state;

    const healed = await this.run(`${what}, then once more`, history);
    const rest = await this.run(`${what}, then twice more`, history);
    if (healed.exitCode !== 0 || rest.exitCode !== 0) this.problems.push(`${what}: what comes next fails`);
    if (rest.actions.length > 0) this.problems.push(`${what}: the run after the next does ${rest.actions.join(', ')}`);

    this.terraform.state = halfWay;
    const other = farewell(this.fleet, change);
    const parting = await this.run(`${what}, then ${other.what}`, [...history, other.fleet]);
    if (parting.exitCode !== 0) this.problems.push(`${what}: ${other.what} fails`);
  }

  private async run(
    what: string,
    history: readonly RingFleet[],
    { cut, options = [] }: { readonly cut?: ReadonlySet<string>; readonly options?: readonly string[] } = {},
  ): Promise<Applied> {
    this.runs++;
    const applied = await this.terraform.apply(configurationOf(history.at(-1) as RingFleet, cut), ...options);
    const errors = applied.errors.filter((error) => cut === undefined || error !== CUT);
    const found = [...errors, ...losses(applied, history), ...disorder(applied, history.at(-1) as RingFleet)];
    this.problems.push(...found.map((problem) => `${what}: ${problem}`));
    return applied;
  }
}

function nameIn(action: string): string {
  return action.split(' ')[1] as string;
}

function resourcesOf(fleet: RingFleet): string[] {
  const { resource } = configurationOf(fleet) as { resource: { terraform_data: object } };
  return Object.keys(resource.terraform_data);
}

/** Tenants that a run destroyed and should not: those that were never decommissioned, or still have their file. */
function losses({ actions }: Applied, history: readonly RingFleet[]): string[] {
  const wanted = new Set(history.at(-1)?.tenants.map(({ name }) => `tenant-${name}`));
  const decommissioned = new Set(
    history.flatMap(({ tenants }) =>
      tenants.flatMap(({ name, decommission }) => (decommission ? [`tenant-${name}`] : [])),
    ),
  );
  return actions.filter((action) => {
    const [verb = '', name = ''] = action.split(' ');
    if (!name.startsWith('tenant-') || !['delete', 'replace'].includes(verb)) return false;
    return wanted.has(name) || !decommissioned.has(name);
  });
}

/** Tenants that came before one of an earlier ring. */
function disorder({ actions }: Applied, { rings, tenants }: RingFleet): string[] {
  const places = actions.flatMap((action) => {
    const [verb = '', name] = action.split(' ');
    const found = tenants.find((tenant) => `tenant-${tenant.name}` === name);
    return verb === 'delete' || !found || found.decommission ? [] : [rings.indexOf(found.ring)];
  });
  const sorted = [...places].sort((a, b) => a - b);
  return places.join() === sorted.join() ? [] : [`not in the order of the rings: ${actions.join(', ')}`];
}
