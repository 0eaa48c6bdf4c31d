// The page of `coach.page()`: the live coach of widget.js over a WebSocket.

import { Coach, socketTransport } from "./widget.js";

// The token was good for this one load; a cookie carries on, also when the page is reloaded.
history.replaceState(null, "", "/");
new Coach(document.querySelector("main"), socketTransport(`ws://${location.host}/socket`));
