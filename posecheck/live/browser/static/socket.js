// Messages over a WebSocket to the Python process. Part of the module that client.py puts together.

// In a thread of its own: pictures as they are do not go off in one piece, and while the page is
// being painted its own thread has no time for the rest of one.
const SOCKET_THREAD = `
  let socket;
  onmessage = ({ data: { url, text, bytes } }) => {
    if (url) {
      socket = new WebSocket(url);
      socket.onopen = () => postMessage({ open: true });
      socket.onmessage = (event) => postMessage({ message: JSON.parse(event.data) });
      socket.onclose = () => postMessage({ open: false });
    } else if (text) {
      socket.send(text);
      if (bytes) socket.send(bytes);
    } else {
      socket.close();
    }
  };
`;

/** A socket to the Python process; `onMessage` and `onClose` may be set. */
class PythonSocket {
  constructor(url) {
    this.isOpen = false;
    this.waiting = []; // what is said before it is open
    this.onMessage = this.onClose = () => {};
    const code = URL.createObjectURL(new Blob([SOCKET_THREAD], { type: "text/javascript" }));
    this.thread = new Worker(code);
    this.thread.onmessage = ({ data }) => this.hear(data);
    this.thread.onerror = () => this.hear({ open: false });
    this.thread.postMessage({ url });
  }

  hear({ message, open }) {
    if (message) return this.onMessage(message);
    this.isOpen = open;
    const waiting = this.waiting.splice(0);
    if (open) waiting.forEach((parts) => this.send(...parts));
    else this.onClose();
  }

  /** A picture's message goes first and says that the picture comes next. */
  send(message, bytes) {
    if (!this.isOpen) return this.waiting.push([message, bytes]);
    const text = JSON.stringify({ message, picture: Boolean(bytes) });
    this.thread.postMessage({ text, bytes }, bytes ? [bytes] : []);
  }

  close() {
    this.thread.postMessage({});
  }
}

/** The transport of a page that has nothing but its socket. */
function socketTransport(url) {
  const socket = new PythonSocket(url);
  return {
    onThisMachine: true,
    send: (message, bytes) => socket.send(message, bytes),
    listen(onMessage, onLost) {
      socket.onMessage = onMessage;
      socket.onClose = onLost;
    },
  };
}
