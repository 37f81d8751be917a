import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { asFailure } from "@/api/error";
import { visible } from "@/model/visible";

/** Says that something was done. */
export function notifyDone(message: string): void {
  notifications.show({
    message: visible(message),
    color: "green.9",
    icon: <IconCheck size={16} aria-hidden />,
    autoClose: 4_000,
  });
}

/** Says what went wrong, in one sentence. */
export function notifyProblem(message: string): void {
  notifications.show({
    message: visible(message),
    color: "red.9",
    icon: <IconAlertTriangle size={16} aria-hidden />,
    autoClose: 10_000,
  });
}

/** Says what a request failed with, and what to do. */
export function notifyFailure(error: unknown): void {
  const failure = asFailure(error);
  notifyProblem([failure.message, failure.hint].filter(Boolean).join(" "));
}
