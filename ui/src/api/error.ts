import { text } from "@/text";
import type { ApiErrorBody } from "./types";

/** A request that failed: what the API said, or what stood between us and it. */
export class ApiFailure extends Error {
  readonly code: string;
  readonly hint: string;
  /** HTTP status; 0 if no answer came. */
  readonly status: number;

  constructor(status: number, body: ApiErrorBody) {
    super(body.message);
    this.name = "ApiFailure";
    this.status = status;
    this.code = body.code;
    this.hint = body.hint;
  }

  get unauthorized(): boolean {
    return this.status === 401;
  }
}

/** The failure in a response that is not 2xx. */
export async function failureOf(response: Response): Promise<ApiFailure> {
  const body: unknown = await response.json().catch(() => null);
  if (isApiError(body)) return new ApiFailure(response.status, body);
  return new ApiFailure(response.status, {
    code: "unexpected-answer",
    message: text.errors.unexpectedAnswer(response.status),
    hint: text.errors.unexpectedAnswerHint,
  });
}

/** The failure when no response came at all. */
export function unreachable(): ApiFailure {
  return new ApiFailure(0, {
    code: "controller-unreachable",
    message: text.errors.unreachable,
    hint: text.errors.unreachableHint,
  });
}

/** Anything thrown, as something to show. */
export function asFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ApiFailure(0, { code: "page-error", message, hint: text.errors.pageErrorHint });
}

function isApiError(body: unknown): body is ApiErrorBody {
  if (typeof body !== "object" || body === null) return false;
  const { code, message, hint } = body as Record<string, unknown>;
  return typeof code === "string" && typeof message === "string" && typeof hint === "string";
}
