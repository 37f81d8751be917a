export type ApiToken = { id: string, name: string, created_ms: number };
