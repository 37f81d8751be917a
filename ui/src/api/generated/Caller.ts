import type { Rights } from "./Rights";
export type Caller = { rights: Rights, session: boolean };
