/** Menus close when something in them is chosen, on a press outside, and on Escape, which gives the focus back. */
export function closeMenus(): void {
  const close = (which: (menu: HTMLDetailsElement) => boolean) => {
    const open = document.querySelectorAll<HTMLDetailsElement>("details.menu[open]");
    for (const menu of open) if (which(menu)) menu.open = false;
  };
  document.addEventListener("pointerdown", ({ target }) => close((menu) => !menu.contains(target as Node)), true);
  document.addEventListener("click", ({ target }) => {
    const chosen = (target as Element).closest("button, a");
    close((menu) => menu.contains(chosen));
  });
  document.addEventListener("keydown", ({ key, target }) => {
    if (key !== "Escape") return;
    close((menu) => {
      if (menu.contains(target as Node)) menu.querySelector("summary")!.focus();
      return true;
    });
  });
}
