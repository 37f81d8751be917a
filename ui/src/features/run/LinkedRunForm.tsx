import { useEffect, useMemo, useRef } from "react";
import { useLocation, useNavigate } from "react-router";
import { readLink } from "@/model/run-link";
import { fillForm, rememberedForm } from "./draft";
import type { FormState } from "./LinkNotice";
import RunFormPage from "./RunFormPage";

/**
 * The run form, which links fill in: `/run?url=…`. The link goes out of the address as it is taken,
 * so that neither a reload nor "back" takes it once more; what was in the form is kept beside it.
 */
export default function LinkedRunForm() {
  const { search, state } = useLocation();
  const navigate = useNavigate();
  const link = useMemo(() => readLink(search), [search]);
  const taking = useRef<unknown>(null);
  useEffect(() => {
    // Once for each link, however often effects run.
    if (taking.current === link) return;
    taking.current = link;
    if (!link) return;
    const taken = { before: rememberedForm(), left: link.left };
    const state: FormState = { form: crypto.randomUUID(), link: taken };
    fillForm(link.draft);
    navigate("/run", { replace: true, state });
  }, [link, navigate]);
  return link ? null : <RunFormPage key={(state as FormState | null)?.form ?? ""} />;
}
