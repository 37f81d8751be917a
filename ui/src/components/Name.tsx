import { visible } from "@/model/visible";

/** Text from outside (an agent's name, a request's): its own direction, nothing invisible in it. */
export function Name({ children }: { children: string }) {
  return <bdi>{visible(children)}</bdi>;
}
