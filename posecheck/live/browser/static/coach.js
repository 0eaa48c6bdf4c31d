// The live coach in an element: camera, buttons, captions, voice. Part of the module that client.py
// puts together.
//
// A transport carries the messages that session.py describes: `send(message, bytes)` and
// `listen(onMessage, onLost)`; `onThisMachine` tells whether bytes cost nothing. Nothing is fetched
// from anywhere, and the pictures go to the Python process at the other end only.

const IN_FLIGHT = 2; // where the way is long; on one machine the next picture need not wait there
const SILENCE_MS = 8000; // a kernel that was restarted says nothing at all
const ALIVE_MS = 2000;
const POLL_MS = 15;
const DONE_MS = 6000; // when the dose is done: time to hear it, then the report

/** The coach in an element; `close` releases the camera. */
class Coach {
  constructor(root, transport) {
    this.transport = transport;
    this.build(root);
    this.setState("idle");
    this.view = null;
    this.unansweredSince = null;
    transport.listen((message) => this.receive(message), () => this.shut(WORDS.lost));
    transport.send({ kind: "hello" });
    this.ticking = setInterval(() => this.tick(), POLL_MS);
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    window.addEventListener("keydown", (event) => this.onKey(event), { signal });
    window.addEventListener("pagehide", () => this.camera.close(), { signal });
  }

  close() {
    clearInterval(this.ticking);
    this.leaving.abort();
    this.camera.close();
    this.voice.hush();
  }

  // --- what is on the screen ---------------------------------------------------------------------

  build(root) {
    const button = (name, text, onclick) =>
      make("button", { type: "button", class: `pc-${name}`, onclick }, text);
    this.title = make("h2", {});
    this.intro = make("div", { class: "pc-intro" });
    this.error = make("p", { class: "pc-error", role: "alert" });
    this.stage = new Stage();
    this.voice = new Voice();
    this.ending = new Ending((after) => this.sendPain(after), (person) => this.save(person));
    this.startButton = button("start", "▶ Start", () => this.start());
    this.pauseButton = button("pause", "❚❚ Pause", () => this.pauseOrGoOn());
    this.stopButton = button("stop", "■ Stop", () => this.stop());
    this.fullButton = button("full", "Full screen", () => this.fullScreen());
    const { video } = this.stage;
    this.shutter = new Shutter(video);
    const cameraMenu = menu([["", "any"]], () => this.changeCamera());
    this.camera = new Camera(video, cameraMenu, () => this.unplugged());
    this.sideMenu = menu([["", "both, one after the other"], ["left", "left"], ["right", "right"]]);
    this.painMenu = menu([["", "not said"], ...UP_TO_10.map((n) => [n, painName(n)])]);
    this.sideLabel = make("label", {}, "Side ", this.sideMenu);
    const pain = make("label", {}, "Pain before ", this.painMenu);
    const camera = make("label", {}, "Camera ", cameraMenu);
    const choices = make("div", { class: "pc-choices" }, this.sideLabel, pain, camera,
      this.voice.button, this.fullButton);
    const hurts = make("strong", { class: "pc-hurts" }, "Stop if it hurts",
      make("span", {}, " (key S or Esc)"));
    const controls = make("div", { class: "pc-controls" }, this.startButton, this.pauseButton,
      this.stopButton, hurts);
    // JupyterLab has shortcuts of its own for single letters.
    const ours = { "aria-label": "posecheck live coach", "data-lm-suppress-shortcuts": "true" };
    this.root = make("section", { class: "posecheck-coach", ...ours }, this.title, this.intro,
      this.error, controls, this.stage.element, choices, this.ending.element);
    this.sideLabel.hidden = true;
    root.replaceChildren(this.root);
  }

  setState(state) {
    this.state = state;
    this.root.dataset.state = state;
    const on = state === "running" || state === "paused";
    const busy = on || state === "opening" || state === "finishing";
    this.startButton.hidden = busy;
    this.startButton.textContent = state === "ended" ? "▶ Start again" : "▶ Start";
    this.pauseButton.hidden = !busy;
    this.pauseButton.disabled = !on;
    this.pauseButton.textContent = state === "paused" ? "▶ Go on" : "❚❚ Pause";
    this.stopButton.disabled = !on && state !== "opening";
    for (const choice of [this.sideMenu, this.painMenu]) choice.disabled = busy;
    this.intro.hidden = busy || state === "ended";
    this.ending.element.hidden = state !== "ended";
    this.stage.element.hidden = !busy;
    this.fullButton.hidden = !busy;
  }

  setUp({ stretch, side, safety, bones }) {
    this.stage.bones = bones;
    this.eachSide = stretch.each_side;
    this.sideLabel.hidden = !this.eachSide;
    this.sideMenu.value = side ?? "";
    this.title.textContent = stretch.name;
    const each = this.eachSide ? " each side" : "";
    const dose = stretch.dose.length ? ` Asked for: ${stretch.dose.join(", or ")}${each}.` : "";
    this.intro.replaceChildren(
      make("p", {}, stretch.how),
      make("p", {}, make("b", {}, "The camera: "), `${stretch.film}${dose}`),
      make("ul", { class: "pc-safety" }, ...safety.map((text) => make("li", {}, text))),
    );
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen();
  }

  onKey(event) {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable=true]");
    if (!this.isOn() || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      s: () => this.stop(),
      escape: () => this.stop(),
      m: () => this.voice.toggle(),
      f: () => this.fullScreen(),
    }[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  // --- start, pause, stop ------------------------------------------------------------------------

  isOn() {
    return ["opening", "running", "paused"].includes(this.state);
  }

  /** Send what wants an answer; one that does not come within a time means that nobody is there. */
  ask(message, bytes) {
    this.unansweredSince ??= performance.now();
    this.transport.send({ ...message, view: this.view }, bytes);
  }

  async start() {
    this.view = crypto.randomUUID?.() ?? String(Math.random());
    this.began = performance.now();
    this.sent = this.answered = 0;
    this.doneSince = null;
    this.error.textContent = "";
    this.voice.speak(""); // browsers speak later only if the first word came with a click
    this.setState("opening");
    this.stage.show(null);
    this.stage.caption("Starting the camera …");
    this.stopButton.focus();
    try {
      if (!(await this.camera.open())) return;
    } catch (error) {
      return this.fail(cameraWords(error));
    }
    this.stage.fitPicture();
    this.unansweredSince = null;
    this.ask({ kind: "start", side: this.sideMenu.value || null });
    this.setState("running");
    this.root.scrollIntoView({ block: "start" }); // all of it is to be seen from the mat
  }

  /** Another camera has another view and size: what was seen by the first does not go on. */
  changeCamera() {
    if (this.isOn()) this.start();
  }

  unplugged() {
    if (this.state === "running") this.pause();
    this.error.textContent = WORDS.unplugged;
    this.voice.speak("The camera is gone.");
  }

  pause() {
    this.transport.send({ kind: "pause", view: this.view });
    this.setState("paused");
    this.voice.hush();
    this.stage.caption("Paused");
  }

  async pauseOrGoOn() {
    if (this.state === "running") return this.pause();
    this.error.textContent = "";
    try {
      if (!this.camera.isOpen && !(await this.camera.open())) return;
    } catch (error) {
      this.error.textContent = cameraWords(error);
      return;
    }
    this.sent = this.answered; // what was under way before the pause gets no answer
    this.setState("running");
  }

  stop() {
    if (this.state === "opening") return this.toIdle();
    this.camera.close();
    this.voice.hush();
    this.setState("finishing");
    this.stage.caption("One moment …");
    this.unansweredSince = null;
    this.ask({ kind: "stop" });
  }

  toIdle() {
    const focused = this.root.contains(document.activeElement);
    this.camera.close();
    this.voice.hush();
    if (document.fullscreenElement === this.root) document.exitFullscreen();
    this.setState("idle");
    if (focused) this.startButton.focus();
  }

  /** It cannot go on: the camera is released, and a sentence says why. */
  fail(text) {
    const wasOn = this.isOn();
    if (this.state !== "ended") this.toIdle();
    this.error.textContent = text;
    if (wasOn) this.voice.speak("It has stopped. Look at the screen.");
  }

  /** There is nobody to talk to any more; the first reason is the one to show. */
  shut(text) {
    if (this.startButton.disabled) return;
    this.fail(text);
    this.startButton.disabled = true;
  }

  // --- messages ----------------------------------------------------------------------------------

  tick() {
    const now = performance.now();
    if (!["running", "paused", "finishing"].includes(this.state)) return;
    if (this.unansweredSince !== null && now - this.unansweredSince > SILENCE_MS) {
      return this.fail(WORDS.silent);
    }
    if (now - (this.asked ?? 0) > ALIVE_MS) {
      this.asked = now;
      this.ask({ kind: "alive" });
    }
    const done = this.doneSince !== null && now - this.doneSince > DONE_MS;
    if (done && this.state === "running") this.stop();
    else this.sendFrame();
  }

  /** Send the newest picture, if there is a new one and not too many are under way. */
  async sendFrame() {
    const { video } = this.stage;
    const here = this.transport.onThisMachine;
    const fresh = video.readyState >= 2 && video.currentTime !== this.lastTime;
    const full = this.taking || this.sent - this.answered >= (here ? 1 : IN_FLIGHT);
    if (this.state !== "running" || !fresh || full) return;
    this.taking = true; // one at a time, so that none can overtake the one before
    const view = this.view;
    const taken = performance.now();
    this.lastTime = video.currentTime;
    try {
      const [form, bytes] = (await this.shutter.take(here)) ?? [];
      if (view === this.view && this.state === "running" && bytes) {
        this.sent += 1;
        this.ask({ kind: "frame", n: this.sent, t_s: (taken - this.began) / 1000, ...form }, bytes);
      }
    } finally {
      this.taking = false;
    }
  }

  receive(message) {
    if (message.view != null && message.view !== this.view) return; // meant for another place
    this.unansweredSince = null;
    const { kind } = message;
    if (kind === "setup") this.setUp(message);
    else if (kind === "loading" && this.state === "running") this.stage.caption("Getting ready …");
    else if (kind === "feedback") this.onFeedback(message);
    else if (kind === "stopped") this.onStopped();
    else if (kind === "report") this.ending.showReport(message.html);
    else if (kind === "saved") this.ending.showSaved(message.text);
    else if (kind === "moved") this.fail(WORDS.moved);
    else if (kind === "closed") this.shut(message.text);
    else if (kind === "error" && message.over) this.fail(message.text);
    else if (kind === "error") this.error.textContent = message.text;
  }

  onFeedback({ n, feedback }) {
    this.answered = n;
    if (this.state !== "running") return;
    // For benchmarks/live_cell.py: from the picture to what it led to.
    const taken = this.began + 1000 * feedback.t_s;
    this.root.dispatchEvent(new CustomEvent("pc-answer", { detail: performance.now() - taken }));
    this.stage.show(feedback);
    this.stage.caption(feedback.message?.text ?? "", feedback.message?.kind);
    if (feedback.say) this.voice.speak(feedback.say);
    this.doneSince = feedback.phase === "done" ? (this.doneSince ?? performance.now()) : null;
    this.sendFrame();
  }

  // --- the end -----------------------------------------------------------------------------------

  /** Here or from Python: then the camera is still on. */
  onStopped() {
    this.camera.close();
    this.voice.hush();
    this.askPain();
  }

  askPain() {
    if (document.fullscreenElement === this.root) document.exitFullscreen();
    this.ending.ask();
    this.setState("ended");
    this.ending.focus();
  }

  sendPain(after) {
    const before = this.painMenu.value === "" ? null : Number(this.painMenu.value);
    this.transport.send({ kind: "pain", view: this.view, before, after });
  }

  save(person) {
    this.error.textContent = "";
    this.transport.send({ kind: "save", view: this.view, person });
  }
}
