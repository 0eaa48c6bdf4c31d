// The live coach in a JupyterLab cell, through anywidget; and the end of the module that client.py
// puts together, which page.js uses too.

/** Messages through the kernel. A view hears what is said to all views, and picks out its own. */
function kernelTransport(model, signal) {
  return {
    async send(message, blob) {
      const buffers = blob ? [await blob.arrayBuffer()] : [];
      if (!signal.aborted) model.send(message, undefined, buffers);
    },
    listen(onMessage) {
      model.on("msg:custom", onMessage);
      signal.addEventListener("abort", () => model.off("msg:custom", onMessage));
    },
  };
}

export default {
  render({ model, el }) {
    const gone = new AbortController();
    const coach = new Coach(el, kernelTransport(model, gone.signal));
    return () => {
      coach.close();
      gone.abort();
    };
  },
};

export { Coach };
