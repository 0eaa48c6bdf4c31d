// The camera: opened, chosen, let go. Part of the module that client.py puts together.

/** The sentence for what `getUserMedia` threw. */
function cameraWords(error) {
  if (location.protocol === "vscode-webview:") return WORDS.vscode;
  if (!navigator.mediaDevices) return WORDS.http;
  const name = error.name;
  if (name === "NotAllowedError" || name === "SecurityError") return WORDS.denied;
  if (name === "NotFoundError" || name === "OverconstrainedError") return WORDS.none;
  if (name === "NotReadableError" || name === "AbortError") return WORDS.busy;
  return `The camera does not start (${name}: ${error.message}). Press Start to try again.`;
}

/** A camera that shows in a `<video>`; `onGone` is called when it goes away by itself. */
class Camera {
  constructor(video, choice, onGone) {
    this.video = video;
    this.choice = choice;
    this.onGone = onGone;
    this.stream = null;
    this.attempt = null;
  }

  get isOpen() {
    return this.stream !== null;
  }

  /** Open the chosen camera; false where it was closed, or opened anew, meanwhile. */
  async open() {
    const attempt = (this.attempt = {});
    try {
      const wanted = { width: { ideal: 640 }, height: { ideal: 480 } };
      if (this.choice.value) wanted.deviceId = { exact: this.choice.value };
      const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
      if (attempt !== this.attempt) {
        stopTracks(stream);
        return false;
      }
      this.show(stream);
      await this.video.play();
      await this.list();
    } catch (error) {
      if (attempt === this.attempt) throw error;
    }
    return attempt === this.attempt;
  }

  show(stream) {
    if (this.stream) stopTracks(this.stream);
    this.stream = stream;
    this.video.srcObject = stream;
    // Stopping a track ourselves does not fire this: the camera itself went away.
    const gone = () => {
      if (stream !== this.stream) return;
      this.close();
      this.onGone();
    };
    for (const track of stream.getTracks()) track.addEventListener("ended", gone);
  }

  /** Fill the menu; cameras have names only once one was allowed. */
  async list() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter((one) => one.kind === "videoinput");
    const named = cameras.map((one, k) => [one.deviceId, one.label || `camera ${k + 1}`]);
    this.choice.replaceChildren(...options(named.length ? named : [["", "any"]]));
    this.choice.value = this.stream?.getVideoTracks()[0].getSettings().deviceId ?? "";
  }

  close() {
    this.attempt = null;
    if (this.stream) stopTracks(this.stream);
    this.stream = null;
    this.video.srcObject = null;
  }
}

function stopTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}
