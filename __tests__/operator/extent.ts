/** Whether the long tests go to the end of what they can try (`TENANTRY_TESTS=all`), or as far as everyday allows. */
export const ALL = process.env.TENANTRY_TESTS === 'all';
