/** Imports an ES module by its name. */
export function importModule<Module>(name: string): Promise<Module>;
