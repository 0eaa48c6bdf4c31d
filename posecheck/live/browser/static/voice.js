// The voice: the browser's own, if it has one. Part of the module that client.py puts together.

/** Says one sentence at a time; a button turns it off and on. */
class Voice {
  constructor() {
    this.button = make("button", { type: "button", class: "pc-mute", onclick: () => this.toggle() });
    this.setMuted(false);
  }

  toggle() {
    this.setMuted(!this.muted);
  }

  setMuted(muted) {
    this.muted = muted;
    if (muted) this.hush();
    this.button.textContent = muted ? "Voice is off" : "Voice is on";
    this.button.setAttribute("aria-pressed", String(!muted));
  }

  speak(words) {
    if (this.muted || !("speechSynthesis" in window)) return;
    if (speechSynthesis.pending) speechSynthesis.cancel(); // what waits is out of date
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.lang = "en";
    speechSynthesis.speak(utterance);
  }

  hush() {
    if ("speechSynthesis" in window) speechSynthesis.cancel();
  }
}
