/** The servers that the hub can start by itself. */
export type ServerKind = 'mongod' | 'temporal' | 'temporal-test-server';
