/** A place in what `cdktf` runs that is mended when packages are installed. cdktf is archived: nobody mends it where it comes from. */
export interface Flaw {
  /** The package whose file it is, and the file in it. */
  readonly file: `${string}.js`;
  /** What stands there in cdktf 0.21.0. */
  readonly wrong: string;
  readonly right: string;
  /** What the cdktf that is installed would do. */
  readonly effect: string;
  /** What to look at in another version. */
  readonly look: string;
}
