export type Rights = "all" | "read";
