"""The thread that looks at the frames."""

from __future__ import annotations

import threading

from posecheck.live.browser.worker import Worker


def test_newest_frame_wins_and_other_jobs_come_in_order() -> None:
    worker, done, go = Worker("test"), list[str](), threading.Event()
    inside = threading.Event()

    def wait() -> None:
        inside.set()
        go.wait(30)

    worker.do_newest(wait)
    assert inside.wait(30) and worker.has_frame
    worker.do_newest(lambda: done.append("old frame"))
    worker.do(lambda: done.append("pause"))
    worker.do(lambda: done.append("stop"))
    worker.do_newest(lambda: done.append("older frame"))
    worker.do_newest(lambda: done.append("newest frame"))

    def last_frame() -> None:
        done.append("last frame")
        worker.close()

    worker.do_newest(last_frame)
    go.set()
    worker.join(30)
    assert done == ["pause", "stop", "last frame"]
