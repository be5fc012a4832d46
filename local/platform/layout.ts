import { join } from 'node:path';

/** Where everything of one checkout's platform lies: in `.local/`, so that two checkouts never meet. */
export class Layout {
  readonly root: string;

  constructor(directory: string) {
    this.root = join(directory, '.local');
  }

  /** Held while a command changes what runs. */
  readonly lock = () => join(this.root, 'lock');
  /** How to reach the supervisor, from its first moment to its last. */
  readonly supervisor = () => join(this.root, 'supervisor.json');
  readonly supervisorLog = () => join(this.root, 'supervisor.log');
  /** There while the platform is ready for use. */
  readonly platform = () => join(this.root, 'platform.json');
  /** Why the last platform ended, when nobody asked it to. */
  readonly ended = () => join(this.root, 'ended.json');
  readonly kubeconfig = () => join(this.root, 'kubeconfig');
  /** Of the parts that act as an administrator: it names no other identity. */
  readonly adminKubeconfig = () => this.data('admin.kubeconfig');
  readonly terraformRc = () => join(this.root, 'terraform.rc');
  /** Of the authority that signs what is published here. */
  readonly authority = () => this.data('authority');
  readonly logs = () => join(this.root, 'logs');
  readonly log = (part: string) => join(this.logs(), `${part}.log`);
  /** What only the running processes need; a new platform starts without it. */
  readonly data = (part: string) => join(this.root, 'data', part);
}
