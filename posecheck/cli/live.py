"""`posecheck live`: a stretch in front of the camera."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from posecheck.cli.options import (
    EXIT_OF,
    Again,
    HtmlFile,
    JsonFile,
    Model,
    Note,
    Pain,
    Prop,
    Save,
    Saving,
    Whose,
    check_outputs,
    err,
    out,
    say_before_first_session,
    write_report,
)
from posecheck.core.errors import UsageError
from posecheck.live.desktop.voice import Voice, find_voice

if TYPE_CHECKING:
    from posecheck.assess.report import Report
    from posecheck.live.desktop.source import LiveSource
    from posecheck.live.engine.engine import Engine
    from posecheck.stretches import Stretch


def live(
    stretch: Annotated[
        str | None,
        typer.Option(
            help="Which stretch you are going to do: an id (`posecheck stretches` lists them) or "
            "FILE.toml. It has to be said."
        ),
    ] = None,
    camera: Annotated[
        str,
        typer.Option(help="A camera's number, or a recording that stands for a camera."),
    ] = "0",
    side: Annotated[
        str | None, typer.Option(help="Do and judge only this side: left or right.")
    ] = None,
    model: Model = None,
    no_window: Annotated[
        bool, typer.Option("--no-window", help="Print the feedback as lines; no display is needed.")
    ] = False,
    mute: Annotated[bool, typer.Option("--mute", help="Do not speak.")] = False,
    json_file: JsonFile = None,
    html_file: HtmlFile = None,
    save: Save = False,
    person: Whose = None,
    pain_before: Pain = None,
    pain_after: Pain = None,
    note: Note = None,
    prop: Prop = None,
    again: Again = False,
) -> None:
    """Do a stretch in front of the camera: it says what to change, counts and keeps the time.

    Put the camera as `posecheck stretches ID` says, two to three metres away, and start. In the
    window: Space pauses, M switches the voice off and on, F fills the screen, H explains the signs,
    S or Esc stops. Stop at once if it hurts. At the end comes the report, as of a recording.

    With --save on a terminal it asks how much it hurts, before and after.

    Exit status: as of `posecheck check`; 2 also where there is no camera or no display.

    Example: posecheck live --stretch childs-pose

    Example without a camera: posecheck live --stretch cobra --camera clip.mp4
    """
    definition = _chosen(stretch, side)
    saving = Saving.from_options(save, person, pain_before, pain_after, note, prop, again)
    check_outputs(Path(camera), [json_file, html_file])
    words = err if json_file == "-" else out
    with closing(_source(camera, no_window)) as source, _interruptible() as stopped:
        saving.begin(Path(camera), definition)
        _say_safety(definition, first=not save)
        saving = replace(saving, pain_before=_pain(saving, saving.pain_before, "now"))
        # A recording that runs as fast as it can would be talked over.
        voice = _voice(mute or (no_window and not camera.isdecimal()))
        told = voice.trouble
        with closing(voice), _engine(definition, side, model) as engine:
            _look(engine, source, voice, no_window, stopped, words)
            source.close()  # its light goes out before the report is made
            voice.close()
            _note(source.trouble)
            _note("" if voice.trouble == told else voice.trouble)
            report = _report(engine, source, stopped)
    saving = replace(saving, pain_after=_pain(saving, saving.pain_after, "after it"))
    report = saving.spared(report)
    write_report(report, html_file=html_file, json_file=json_file, quiet=False)
    saving.finish(report, quiet=False)
    raise typer.Exit(EXIT_OF[report.verdict])


def _chosen(stretch: str | None, side: str | None) -> Stretch:
    # 0.3 s: NumPy, PyAV, OpenCV and pydantic
    from posecheck.assess import check  # noqa: PLC0415

    definition = None if stretch is None else check.as_stretch(stretch)
    if definition is None:
        raise UsageError(
            "live feedback needs to know which stretch comes",
            where="--stretch",
            hint="`posecheck stretches` lists them; then: posecheck live --stretch ID",
        )
    check.check_side(side, definition)
    return definition


def _say_safety(stretch: Stretch, *, first: bool) -> None:
    """What everybody should have read before they move; `first` as long as nobody is known."""
    if first:
        say_before_first_session()
    for line in stretch.safety:
        err.print(escape(line))


def _pain(saving: Saving, given: int | None, when: str) -> int | None:
    """Ask how much it hurts, where that is kept, was not said, and somebody can answer."""
    if saving.person is None or given is not None:
        return given
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    while True:
        text = typer.prompt(
            f"How much does it hurt {when}? 0 (not at all) to 10; Enter leaves it out",
            default="",
            show_default=False,
            err=True,
        ).strip()
        if not text:
            return None
        if text.isdecimal() and int(text) <= 10:
            return int(text)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C end the session, with its report; the second ends the program."""
    asked = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def stop(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)
        err.print("Stopping. Ctrl-C once more ends it without a report.")

    if before is signal.default_int_handler:  # else somebody wants it ignored, or sees to it
        signal.signal(signal.SIGINT, stop)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _source(camera: str, no_window: bool) -> LiveSource:
    """Open what gives the pictures, once it is clear that they can be shown."""
    # 0.2 s: PyAV and OpenCV
    from posecheck.live.desktop.source import open_live_source  # noqa: PLC0415

    if not no_window:
        # 0.5 s more, and only a window needs it
        from posecheck.live.desktop.window import check_display  # noqa: PLC0415

        check_display()
    return open_live_source(camera, paced=not no_window)


def _engine(stretch: Stretch, side: str | None, model: str | None) -> Engine:
    # 0.8 s more, once the camera is there
    from posecheck.live.engine.engine import Engine  # noqa: PLC0415
    from posecheck.pose.model.locate import resolve_model  # noqa: PLC0415
    from posecheck.pose.model.thunder import find_second_model  # noqa: PLC0415
    from posecheck.pose.progress_bar import download_bar  # noqa: PLC0415

    with download_bar(err) as progress:
        model_path = resolve_model(model, progress=progress)
        find_second_model(progress)
    return Engine(stretch, side=side, model=model_path)


def _voice(silent: bool) -> Voice:
    voice = Voice(find_voice())
    if silent:
        voice.muted, voice.trouble = True, ""
    _note(voice.trouble)
    return voice


def _note(trouble: str) -> None:
    if trouble:
        err.print(f"[yellow]Note:[/] {escape(trouble)}", soft_wrap=True)


def _look(
    engine: Engine,
    source: LiveSource,
    voice: Voice,
    no_window: bool,
    stopped: Callable[[], bool],
    words: Console,
) -> None:
    if no_window:
        # What the engine has loaded already, in 0.6 s
        from posecheck.live.desktop.lines import run_lines  # noqa: PLC0415

        def write(line: str) -> None:
            words.print(escape(line), highlight=False, soft_wrap=True)

        run_lines(engine, source, voice, stopped, write)
        return
    # 0.5 s more, and only a window needs it
    from posecheck.live.desktop.window import LiveWindow  # noqa: PLC0415

    LiveWindow(engine, source, voice, stopped).run()


def _report(engine: Engine, source: LiveSource, stopped: Callable[[], bool]) -> Report:
    try:
        report = engine.finish()
    except UsageError:
        if stopped():
            raise KeyboardInterrupt from None  # nothing was seen, so there is nothing to tell
        raise
    facts = replace(report.series.source, path=source.name)
    return report.with_source(facts)
