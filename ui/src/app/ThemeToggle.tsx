import { Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";
import { text } from "@/text";
import classes from "./Footer.module.css";

const t = text.frame.theme;

const schemes = [
  { value: "light", label: t.light, icon: IconSun },
  { value: "dark", label: t.dark, icon: IconMoon },
  { value: "auto", label: t.auto, icon: IconDeviceDesktop },
] as const;

/** Light, dark, or as the system says. */
export function ThemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { icon: Glyph, label } = schemes.find((scheme) => scheme.value === colorScheme) ?? schemes[2];
  return (
    <Menu position="top-end" shadow="md">
      <Menu.Target>
        <UnstyledButton className={classes.button} aria-label={`${t.label}: ${label}`}>
          <Glyph size={15} aria-hidden /> {label}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map(({ value, label, icon: Choice }) => (
          <Menu.Item
            key={value}
            leftSection={<Choice size={15} aria-hidden />}
            rightSection={value === colorScheme && <IconCheck size={14} aria-hidden />}
            onClick={() => setColorScheme(value)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
