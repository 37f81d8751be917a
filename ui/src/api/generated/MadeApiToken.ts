import type { ApiToken } from "./ApiToken";
export type MadeApiToken = { token: ApiToken, secret: string };
