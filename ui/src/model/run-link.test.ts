import { expect, test } from "vitest";
import { EMPTY_DRAFT, problemsOf, type RunDraft } from "./run-form";
import { readLink } from "./run-link";

const row = (name: string, value: string, divide = false) => ({
  name,
  value,
  divide,
  secret: false,
});

test.each<[string, Partial<RunDraft>, string[]]>([
  [
    "?url=https%3A%2F%2Fgit.example%2Fshop.git&ref=main&simulation=example.Shop&param=users=100&divide=users",
    {
      url: "https://git.example/shop.git",
      reference: "main",
      simulation: "example.Shop",
      parameters: [row("users", "100", true)],
    },
    [],
  ],
  [
    "?folder=load&group=lab&agents=3&max-duration=30m&description=Before+the+sale",
    { folder: "load", group: "lab", count: 3, maxDuration: "30m", description: "Before the sale" },
    [],
  ],
  ["?param=a%3Db=c&param=empty=", { parameters: [row("a", "b=c"), row("empty", "")] }, []],
  // ssh has a user, who is no secret.
  ["?url=ssh://git@git.example/shop.git", { url: "ssh://git@git.example/shop.git" }, []],
  ["?url=git@git.example:shop.git", { url: "git@git.example:shop.git" }, []],
  // No field; and nothing that starts a run.
  [
    "?start=now&ref=main&java=-XX:OnError=x&__proto__=x",
    { reference: "main" },
    [
      "“start” is no field of this form.",
      "“java” is no field of this form.",
      "“__proto__” is no field of this form.",
    ],
  ],
  ["?ref=a&ref=b", { reference: "a" }, ["“ref” is there twice; the first one counts."]],
  ["?param=a=1&param=a=2", { parameters: [row("a", "1")] }, ["“a” is there twice; the first one counts."]],
  [
    "?agents=-1&param=users&param=%3D1",
    {},
    [
      "The value of “agents” is none that this form can have.",
      "“users” is no parameter: write param=name=value.",
      "“=1” is no parameter: write param=name=value.",
    ],
  ],
  ["?divide=users", {}, ["“users” cannot be divided: the link has no such parameter."]],
  // Text that is not what it looks like.
  [
    "?simulation=a%0Ab&ref=%E2%80%AEniam&param=x=%1B%5B2J",
    {},
    [
      "The value of “simulation” has control or invisible characters.",
      "The value of “ref” has control or invisible characters.",
      "The value of “param” has control or invisible characters.",
    ],
  ],
  ["?a%E2%80%AEb=1", {}, ["“a\\u{202e}b” is no field of this form."]],
  [`?simulation=${"x".repeat(1001)}`, {}, ["The value of “simulation” is too long."]],
  // Secrets.
  [
    "?url=https://me:pw@git.example/x.git",
    {},
    ["The repository's address has a login in it. Links carry no secrets: give it to git on the agents."],
  ],
  [
    "?url=https://ghp_abc@git.example/x.git",
    {},
    ["The repository's address has a login in it. Links carry no secrets: give it to git on the agents."],
  ],
  ...["db.password", "API_TOKEN", "clientSecret", "api-key", "sensitive.x"].map(
    (name): [string, Partial<RunDraft>, string[]] => [
      `?param=${name}=x`,
      {},
      [`“${name}” names a secret. Links carry none: type it in.`],
    ],
  ),
  ["?param=tokens=1&param=monkey=2", { parameters: [row("tokens", "1"), row("monkey", "2")] }, []],
  // Markup is text.
  ["?description=%3Cimg+src=x+onerror=alert(1)%3E", { description: "<img src=x onerror=alert(1)>" }, []],
])("%s", (search, fields, left) => {
  expect(readLink(search)).toEqual({ draft: { ...EMPTY_DRAFT, ...fields }, left });
});

test("no query is no link", () => {
  expect(readLink("")).toBeNull();
  expect(readLink("?")).toBeNull();
});

test("parameters without end", () => {
  const search = Array.from({ length: 60 }, (_, index) => `param=p${index}=1`).join("&");
  const link = readLink(`?${search}`);
  expect(link?.draft.parameters).toHaveLength(50);
  expect(link?.left).toEqual(["Parameters after the first 50."]);
});

test("what a link says is checked as typed input is", () => {
  const link = readLink("?url=--upload-pack=x&ref=-x&max-duration=forever&param=a+b=1");
  expect(Object.keys(problemsOf(link?.draft ?? EMPTY_DRAFT)).sort()).toEqual([
    "maxDuration",
    "parameters.0.name",
    "reference",
    "url",
  ]);
});
