export type LoginLink = { urls: Array<string>, until_ms: number };
