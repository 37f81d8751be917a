/** Of links that fill in the run form. */
export const link = {
  title: "Filled in from a link. Nothing has been started: look at it first.",
  left: "Left out:",
  before: "Take back what was there",
  unknown: (key: string) => `“${key}” is no field of this form.`,
  long: (key: string) => `The value of “${key}” is too long.`,
  hidden: (key: string) => `The value of “${key}” has control or invisible characters.`,
  twice: (key: string) => `“${key}” is there twice; the first one counts.`,
  unclear: (key: string) => `The value of “${key}” is none that this form can have.`,
  urlSecret:
    "The repository's address has a login in it. Links carry no secrets: give it to git on the agents.",
  secret: (name: string) => `“${name}” names a secret. Links carry none: type it in.`,
  parameter: (pair: string) => `“${pair}” is no parameter: write param=name=value.`,
  many: (most: number) => `Parameters after the first ${most}.`,
  divide: (name: string) => `“${name}” cannot be divided: the link has no such parameter.`,
} as const;

/** Of a folder on this computer that is sent. */
export const sending = {
  choose: "Folder on this computer…",
  other: "Another folder…",
  again: "Send it again as it is now",
  choosing: "Choose the folder in the dialog.",
  reading: (bytes: string) => `Reading the folder, ${bytes}`,
  sending: (sent: string, all: string) => `Sending the folder, ${sent} of ${all}`,
  stop: "Stop sending",
  sent: (files: number, all: string, sent: string) =>
    `${files === 1 ? "1 file" : `${files} files`}, ${all}; ${sent} sent now.`,
  noGit:
    "No git here: all files are sent but those in .git, target, node_modules, .gradle, .idea and the like.",
  parentAbove:
    "The parent POM lies above this folder and is not sent: choose its folder, and name this one under “Folder”.",
} as const;
