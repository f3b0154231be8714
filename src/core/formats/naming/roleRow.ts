// One row of the role tables.

/** A "*" before the id says that the tensor is a norm or another vector: a thin row in the map. */
export type RoleRow = readonly [id: string, title: string, sentence: string];
