import { Button } from "@mantine/core";
import { useLocation, useNavigate } from "react-router";
import { Name } from "@/components/Name";
import { Problem } from "@/components/Problem";
import { EMPTY_DRAFT, parseDraft } from "@/model/run-form";
import { text } from "@/text";
import { takeBackForm } from "./draft";

const t = text.link;

/** What the address's history entry keeps of the form. */
export interface FormState {
  /** Another one where the form is to be made anew out of what is remembered. */
  form?: string;
  /** Of the link that filled it in. */
  link?: {
    /** The form's content before it, as it was kept. */
    before: string | null;
    left: string[];
  };
}

/** Says that a link has filled in the form, what of it was left out, and gives back what was there. */
export function LinkNotice() {
  const link = (useLocation().state as FormState | null)?.link;
  const navigate = useNavigate();
  if (!link) return null;
  const before = JSON.stringify(parseDraft(link.before));
  const takeBack = () => {
    takeBackForm(link.before);
    const state: FormState = { form: crypto.randomUUID() };
    navigate("/run", { replace: true, state });
  };
  return (
    <Problem
      tone="info"
      title={t.title}
      actions={
        before !== JSON.stringify(EMPTY_DRAFT) && (
          <Button size="xs" variant="default" onClick={takeBack}>
            {t.before}
          </Button>
        )
      }
    >
      {link.left.length > 0 && (
        <>
          {t.left}
          <ul>
            {link.left.map((sentence) => (
              <li key={sentence}>
                <Name>{sentence}</Name>
              </li>
            ))}
          </ul>
        </>
      )}
    </Problem>
  );
}
