/** 4092 → "4,092": as the page's other words are, whatever the language of the browser. */
export const grouped = (value: number): string => {
  const [whole, part] = String(value).replace("-", "−").split(".");
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return part === undefined ? digits : `${digits}.${part}`;
};

/** "3" → "a 3", "8" → "an 8" */
export const withArticle = (name: string): string => `${/^(8|11$|18$|[aeiou])/i.test(name) ? "an" : "a"} ${name}`;

/** "mmdWeight" → "MMD weight" */
export const inWords = (name: string): string =>
  name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll(".", " ")
    .toLowerCase()
    .replace(/\b(kl|mmd|gan|vae)\b/g, (letters) => letters.toUpperCase());

/** "decayWeight" → "Decay weight" */
export const spaced = (name: string): string => {
  const words = inWords(name);
  return words[0].toUpperCase() + words.slice(1);
};
