/** Who attested an image, and in which run: for people, and for the lock. */
export interface Provenance {
  /** The workflow that signed: `acme/platform/.github/workflows/publish-image.yml@refs/heads/main`. */
  readonly signer: string;
  /** The branch that was built. */
  readonly branch: string;
  /** Address of the run. */
  readonly run: string;
}
