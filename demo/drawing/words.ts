/** 4092 → "4,092": as the page's other words are, whatever the language of the browser. */
export const grouped = (value: number): string => {
  const [whole, part] = String(value).replace("-", "−").split(".");
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return part === undefined ? digits : `${digits}.${part}`;
};
