import { render } from "preact";
import { followLink, open } from "./lab/lab.ts";
import { App } from "./panels/app.tsx";

render(<App />, document.getElementById("app")!);
followLink();
void open();
