// Messages over a WebSocket to the Python process. Part of the module that client.py puts together.

/** A picture's message goes first and says that the picture comes next. */
function sendOver(socket, message, bytes) {
  socket.send(JSON.stringify({ message, picture: Boolean(bytes) }));
  if (bytes) socket.send(bytes);
}

/** The transport of a page that has nothing but its socket. */
function socketTransport(url) {
  const socket = new WebSocket(url);
  const waiting = [];
  socket.addEventListener("open", () => {
    waiting.splice(0).forEach((parts) => sendOver(socket, ...parts));
  });
  return {
    onThisMachine: true,
    send(...parts) {
      if (socket.readyState === WebSocket.CONNECTING) waiting.push(parts);
      else if (socket.readyState === WebSocket.OPEN) sendOver(socket, ...parts);
    },
    listen(onMessage, onLost) {
      socket.addEventListener("message", (event) => onMessage(JSON.parse(event.data)));
      socket.addEventListener("close", onLost);
    },
  };
}
