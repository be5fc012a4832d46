import type { Rule } from './rule';
import { approvalHoldsLock } from './rules/approval-holds-lock';
import { cancelsDeployment } from './rules/cancels-deployment';
import { chainTooDeep } from './rules/chain-too-deep';
import { commitSharesGroup } from './rules/commit-shares-group';
import { deadlock } from './rules/deadlock';
import { defaultBranchCommit } from './rules/default-branch-commit';
import { dispatchNeverSent } from './rules/dispatch-never-sent';
import { dispatchTooLarge } from './rules/dispatch-too-large';
import { dispatchUnheard } from './rules/dispatch-unheard';
import { duplicateName } from './rules/duplicate-name';
import { headBranchAlone } from './rules/head-branch-alone';
import { ignoredFilter } from './rules/ignored-filter';
import { invalidWorkflow } from './rules/invalid-workflow';
import { matrixSharesGroup } from './rules/matrix-shares-group';
import { missingBranchGuard } from './rules/missing-branch-guard';
import { missingConclusionGuard } from './rules/missing-conclusion-guard';
import { missingOriginGuard } from './rules/missing-origin-guard';
import { neverRuns } from './rules/never-runs';
import { outrunsCi } from './rules/outruns-ci';
import { queueWithCancel } from './rules/queue-with-cancel';
import { sharedGroup } from './rules/shared-group';
import { skippedRunTakesLock } from './rules/skipped-run-takes-lock';
import { unknownEventField } from './rules/unknown-event-field';
import { unknownMatrixKey } from './rules/unknown-matrix-key';
import { unknownReference } from './rules/unknown-reference';
import { unknownWorkflow } from './rules/unknown-workflow';
import { upstreamNeverRuns } from './rules/upstream-never-runs';

/** Every rule, as `tenantry lint --help` lists them. */
export const RULES: readonly Rule[] = [
  ...[
    invalidWorkflow,
    ignoredFilter,
    unknownWorkflow,
    duplicateName,
    upstreamNeverRuns,
    chainTooDeep,
    neverRuns,
    outrunsCi,
  ],
  ...[missingConclusionGuard, missingOriginGuard, headBranchAlone, missingBranchGuard, defaultBranchCommit],
  ...[
    skippedRunTakesLock,
    cancelsDeployment,
    sharedGroup,
    matrixSharesGroup,
    unknownMatrixKey,
    commitSharesGroup,
    deadlock,
    queueWithCancel,
    approvalHoldsLock,
    unknownEventField,
    unknownReference,
  ],
  ...[dispatchNeverSent, dispatchUnheard, dispatchTooLarge],
];
