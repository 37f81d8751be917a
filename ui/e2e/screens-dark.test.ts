import { look } from "./screens";

look("dark");
