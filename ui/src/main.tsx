import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "./app/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { detectHost } from "./host/detect";

// First of all the host: it takes the token out of the address before the router reads the fragment.
const host = await detectHost();
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root");
createRoot(root).render(
  <StrictMode>
    <App host={host} />
  </StrictMode>,
);
