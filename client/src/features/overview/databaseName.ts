const names: Partial<Record<string, string>> = { mysql: 'MySQL', sqlite: 'SQLite' };

/** The product's name for the service's short one. */
export function databaseName(kind: string): string {
  return names[kind] ?? kind;
}
