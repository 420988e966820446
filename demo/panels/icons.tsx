import type { ComponentChildren } from "preact";

const Icon = ({ children }: { children: ComponentChildren }) => (
  <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    {children}
  </svg>
);

export const Mark = () => (
  <Icon>
    <ellipse cx="10" cy="10" rx="8.5" ry="5" transform="rotate(-30 10 10)" />
    <ellipse cx="10" cy="10" rx="4" ry="2.3" transform="rotate(-30 10 10)" />
  </Icon>
);
export const Play = () => (
  <Icon>
    <path class="solid" d="M6 4l10 6-10 6z" />
  </Icon>
);
export const Pause = () => (
  <Icon>
    <path class="solid" d="M5.5 4h3v12h-3zM11.5 4h3v12h-3z" />
  </Icon>
);
export const Step = () => (
  <Icon>
    <path d="M5 5l7 5-7 5zM15 5v10" />
  </Icon>
);
export const Again = () => (
  <Icon>
    <path d="M5 4v4h4M5.3 8A6 6 0 1 1 4.5 12" />
  </Icon>
);
export const Before = () => (
  <Icon>
    <path d="M7 4.5L3.5 8 7 11.5M3.5 8H12a4 4 0 0 1 0 8H8.5" />
  </Icon>
);
export const ShareIcon = () => (
  <Icon>
    <path d="M10 12V3M6.5 6L10 2.7 13.5 6M4 10v6.5h12V10" />
  </Icon>
);
export const Pen = () => (
  <Icon>
    <path d="M4 16l1-4 8.5-8.5 3 3L8 15z" />
  </Icon>
);
export const Curve = () => (
  <Icon>
    <path d="M4 3v13h13M5 5c2 7 5 9 11 9.5" />
  </Icon>
);
export const Bow = () => (
  <Icon>
    <path d="M3 4l6 4v4l-6 4zM17 4l-6 4v4l6 4z" />
  </Icon>
);
export const Whole = () => (
  <Icon>
    <path d="M3.5 7V3.5H7M13 3.5h3.5V7M16.5 13v3.5H13M7 16.5H3.5V13" />
  </Icon>
);
export const Close = () => (
  <Icon>
    <path d="M5 5l10 10M15 5L5 15" />
  </Icon>
);
