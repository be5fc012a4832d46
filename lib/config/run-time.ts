/**
 * How long a run of deploy-tenants may take, in seconds. The workflow, the role that it becomes, and what is waited for in it are held to these.
 *
 * A run holds the group of deploys while it waits for tenants: what would mend an ill one waits behind it. And it need not wait to the end: the operator
 * goes from ring to ring without a run, and the next one looks again. So a run waits for as long as its rings may need, and
 * not for hours: there is room for a migration with the default of `jobSeconds`, and for some baking.
 */
export const WAITING = 90 * 60;

/** To install, pin the images, plan and deploy, before anything is waited for: far above what that takes. */
const DEPLOYING = 30 * 60;

/** `timeout-minutes` of the job. */
export const JOB = DEPLOYING + WAITING;

/**
 * Of the session in AWS: the job, the 5 minutes that GitHub gives one that it ends, and some more. One that ends before leaves a state unsaved, and locked.
 * https://docs.github.com/en/actions/reference/workflow-cancellation-reference
 */
export const SESSION = JOB + 10 * 60;
