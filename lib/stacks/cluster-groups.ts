/** Kubernetes groups that the operator stack's RBAC gives their rights. */
export const PLANNER_GROUP = 'tenantry:planner';
export const DEPLOYER_GROUP = 'tenantry:deployer';
