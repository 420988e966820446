/** A family's formula, where the weight that a slider calls β is called that, too. */
export const Formula = ({ of }: { readonly of: string }) => (
  <code class="formula">{of.replaceAll("klWeight", "β")}</code>
);
