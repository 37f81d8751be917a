import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

// Slate greys with a little blue: calm, and apart from the colours that mean a state.
const dark: MantineColorsTuple = [
  "#dce1e8",
  "#b9c1cc",
  "#98a2b0",
  "#6d7786",
  "#3f4856",
  "#323a46",
  "#252b34",
  "#1b2027",
  "#161a20",
  "#101318",
];

export const theme = createTheme({
  colors: { dark },
  primaryColor: "blue",
  primaryShade: { light: 8, dark: 8 },
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  headings: {
    fontWeight: "600",
    sizes: { h1: { fontSize: "1.25rem" }, h2: { fontSize: "1rem" }, h3: { fontSize: "0.875rem" } },
  },
  defaultRadius: "sm",
  cursorType: "pointer",
  components: {
    Button: { defaultProps: { size: "xs" } },
    ActionIcon: { defaultProps: { size: "md", variant: "subtle", color: "gray" } },
    InputWrapper: { defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"] } },
    TextInput: { defaultProps: { size: "sm" } },
    Textarea: { defaultProps: { size: "sm" } },
    NumberInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm" } },
    Autocomplete: { defaultProps: { size: "sm" } },
    Tooltip: {
      defaultProps: {
        withArrow: true,
        openDelay: 250,
        multiline: true,
        maw: 360,
        events: { hover: true, focus: true, touch: true },
      },
    },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.5 } },
      styles: { title: { fontWeight: 600 } },
    },
  },
});

/** Mantine's dimmed, placeholder and error colours are too faint for small text (WCAG AA). */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-text": "#1c222b",
    "--mantine-color-dimmed": "#59626f",
    "--mantine-color-placeholder": "#68717e",
    "--mantine-color-error": "#b42318",
    "--mantine-color-anchor": "#1864ab",
    "--mantine-color-default-border": "#cdd3da",
  },
  dark: {
    "--mantine-color-dimmed": "#a3acb9",
    "--mantine-color-placeholder": "#8f99a7",
    "--mantine-color-error": "#ff8f87",
    "--mantine-color-anchor": "#74c0fc",
  },
});
