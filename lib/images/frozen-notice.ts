/** What everything that a run depends on says while the platform file names a lock. */
export const FROZEN_NOTICE =
  'THE PLATFORM IS FROZEN: what was pushed since is not deployed until "frozen" leaves the platform file (npx tenantry unfreeze)';
