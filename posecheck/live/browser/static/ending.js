// After the stretch: pain, the report, and saving it. Part of the module that client.py puts together.

/** The end of a run; `onPain(after)` and `onSave(person)` are called with the answers. */
class Ending {
  constructor(onPain, onSave) {
    this.onPain = onPain;
    this.onSave = onSave;
    this.person = "me";
    this.element = make("div", { class: "pc-end" });
  }

  /** Ask how much it hurts; the report comes after the answer. */
  ask() {
    const answer = (after, chosen) => {
      for (const one of [...this.buttons, skip]) one.setAttribute("aria-pressed", one === chosen);
      this.onPain(after);
    };
    const button = (n, text, name) => {
      const one = make("button", { type: "button", "aria-label": name }, text);
      one.addEventListener("click", () => answer(n, one));
      return one;
    };
    this.buttons = UP_TO_10.map((n) => button(n, String(n), painName(n)));
    const skip = button(null, "Rather not say", null);
    const question = make("legend", {}, "How much does it hurt now?");
    const row = ["not at all ", ...this.buttons, " as much as can be ", skip];
    this.report = make("div", { class: "pc-report" });
    const pain = make("fieldset", { class: "pc-pain" }, question, ...row);
    this.element.replaceChildren(pain, this.report);
  }

  focus() {
    this.buttons[0].focus();
  }

  showReport(html) {
    // A frame of its own: the report's style and ours do not meet, and no script in it runs.
    const frame = make("iframe", { title: "Report", sandbox: "allow-same-origin" });
    frame.addEventListener("load", () => {
      frame.style.height = `${frame.contentDocument.documentElement.scrollHeight + 4}px`;
    });
    frame.srcdoc = html;
    const name = make("input", { type: "text", value: this.person });
    this.savedText = make("span", { role: "status" });
    const save = (event) => {
      event.preventDefault();
      this.person = name.value;
      this.onSave(name.value);
    };
    const label = make("label", {}, "Keep this session for ", name);
    const button = make("button", { type: "submit" }, "Save");
    const form = make("form", { class: "pc-save", onsubmit: save }, label, button, this.savedText);
    this.report.replaceChildren(frame, form);
  }

  showSaved(text) {
    this.savedText.textContent = text;
  }
}
