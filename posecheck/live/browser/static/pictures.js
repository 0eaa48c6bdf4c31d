// Pictures of the camera, as they go to Python. Part of the module that client.py puts together.

const SENT_PX = 640; // longest side of the pictures that are sent
const JPEG_QUALITY = 0.7;
const RAW = ["I420", "NV12"]; // what session.py reads besides JPEG

/** Takes pictures of a `<video>`: what describes each, and its bytes. */
class Shutter {
  constructor(video) {
    this.video = video;
    this.canvas = document.createElement("canvas");
  }

  /** On one machine a picture is sent as it is: coding it takes longer than the way. */
  async take(onThisMachine) {
    return (onThisMachine && (await this.takeRaw())) || this.takeJpeg();
  }

  /** The camera's own bytes; null where the browser does not give them, or they are too many. */
  async takeRaw() {
    const { video } = this;
    if (!window.VideoFrame || Math.max(video.videoWidth, video.videoHeight) > SENT_PX) return null;
    let frame;
    try {
      frame = new VideoFrame(video, { timestamp: 0 });
      const { format: layout, visibleRect: seen } = frame;
      const { width, height } = seen;
      if (!RAW.includes(layout) || seen.x % 2 || seen.y % 2 || width % 2 || height % 2) return null;
      const bytes = new ArrayBuffer(frame.allocationSize());
      await frame.copyTo(bytes);
      return [{ layout, width, height }, bytes];
    } catch {
      return null; // some browsers have the class, and not this of it
    } finally {
      frame?.close();
    }
  }

  async takeJpeg() {
    const { video, canvas } = this;
    const scale = Math.min(1, SENT_PX / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", JPEG_QUALITY));
    return blob ? [{}, await blob.arrayBuffer()] : null;
  }
}
