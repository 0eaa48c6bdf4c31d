// The live coach in a JupyterLab cell, through anywidget; and the end of the module that client.py
// puts together, which page.js uses too.

const HERE = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Messages through the kernel, or past Jupyter where the kernel runs on the browser's own machine:
 * the way through the server takes longer than looking at a picture. A view hears what is said to
 * all views, and picks out its own.
 */
class KernelTransport {
  constructor(model, signal) {
    this.model = model;
    this.signal = signal;
    this.socket = null;
    this.hear = () => {};
    const hear = (message) => {
      if (message.kind === "shortcut") this.take(message);
      else this.hear(message);
    };
    model.on("msg:custom", hear);
    signal.addEventListener("abort", () => {
      model.off("msg:custom", hear);
      this.socket?.close();
    });
    this.asks = String(Math.random()); // other views of this cell hear the answer too
    const { origin, hostname } = location;
    if (HERE.includes(hostname)) model.send({ kind: "shortcut", origin, asks: this.asks });
  }

  get onThisMachine() {
    return Boolean(this.socket?.isOpen);
  }

  /** A socket that does not open, or closes, is no loss: the way through the kernel stays. */
  take({ asks, url }) {
    if (asks !== this.asks) return;
    try {
      this.socket = new PythonSocket(url);
    } catch {
      return; // a hub may allow no threads
    }
    this.socket.onMessage = (message) => this.hear(message);
  }

  send(message, bytes) {
    if (this.signal.aborted) return;
    if (this.onThisMachine) this.socket.send(message, bytes);
    else this.model.send(message, undefined, bytes ? [bytes] : []);
  }

  listen(onMessage) {
    this.hear = onMessage;
  }
}

export default {
  render({ model, el }) {
    const gone = new AbortController();
    const coach = new Coach(el, new KernelTransport(model, gone.signal));
    return () => {
      coach.close();
      gone.abort();
    };
  },
};

export { Coach, socketTransport };
