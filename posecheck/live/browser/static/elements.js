// Making elements. Part of the module that client.py puts together.

/** An element with attributes, listeners (on...) and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value != null) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const options = (pairs) => pairs.map(([value, text]) => make("option", { value }, text));
const menu = (pairs, onchange = () => {}) => make("select", { onchange }, ...options(pairs));
const UP_TO_10 = Array.from({ length: 11 }, (_, n) => n);
