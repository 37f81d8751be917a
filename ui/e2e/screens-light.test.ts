import { look } from "./screens";

look("light");
