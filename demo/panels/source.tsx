import { partsOf } from "../lab/sources.ts";

/** Where a family comes from, with links to what is there to read. */
export function Source({ of }: { readonly of: string }) {
  return (
    <p class="soft">
      {partsOf(of).map(({ text, href }) =>
        href ? (
          <a key={text} href={href} target="_blank" rel="noreferrer">
            {text}
          </a>
        ) : (
          text
        ),
      )}
    </p>
  );
}
