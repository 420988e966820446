import { loadLinked } from "./lab/load-linked.ts";

// What is loaded then reads the page's link, so the family and the data that it names are there before. Nothing here waits while it is evaluated: the file of
// a family needs what lies in this one.
void loadLinked(location.hash)
  .then(() => import("./open.tsx"))
  .then(({ openPage }) => openPage());
