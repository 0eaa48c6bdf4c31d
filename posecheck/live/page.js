// The page of `coach.page()`: the live coach of widget.js over a WebSocket.

import { Coach } from "./widget.js";

/** A picture's message goes first and says that the picture comes next. */
function socketTransport(url) {
  const socket = new WebSocket(url);
  const waiting = [];
  const sendNow = (message, blob) => {
    socket.send(JSON.stringify({ message, picture: Boolean(blob) }));
    if (blob) socket.send(blob);
  };
  socket.addEventListener("open", () => waiting.splice(0).forEach((parts) => sendNow(...parts)));
  return {
    send(...parts) {
      if (socket.readyState === WebSocket.CONNECTING) waiting.push(parts);
      else if (socket.readyState === WebSocket.OPEN) sendNow(...parts);
    },
    listen(onMessage, onLost) {
      socket.addEventListener("message", (event) => onMessage(JSON.parse(event.data)));
      socket.addEventListener("close", onLost);
    },
  };
}

// The token was good for this one load; a cookie carries on, also when the page is reloaded.
history.replaceState(null, "", "/");
new Coach(document.querySelector("main"), socketTransport(`ws://${location.host}/socket`));
