import type { Rights } from "./Rights";
export type LoggedIn = { rights: Rights, key: string, };
