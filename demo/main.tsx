import { render } from "preact";
import { isDark, onScheme } from "./drawing/colours.ts";
import { drawDigits } from "./lab/examples.ts";
import { walkByHand } from "./lab/hand.ts";
import { showKept } from "./lab/kept-run.ts";
import { followLink } from "./lab/link.ts";
import { openLinked } from "./lab/open-files.ts";
import { open, opened, startsAtOnce } from "./lab/run.ts";
import { showShipped } from "./lab/shipped.ts";
import { App } from "./panels/app.tsx";

await drawDigits();
const root = document.getElementById("app")!;
render(<App key={isDark()} />, root);
// Canvases hold colours, so all of them are drawn anew.
onScheme(() => render(<App key={isDark()} />, root));
followLink();
void open();
const model = new URLSearchParams(location.search).get("model");
if (model) void opened.then(() => openLinked(model));
else if (startsAtOnce || !(await showKept())) void showShipped(walkByHand);
