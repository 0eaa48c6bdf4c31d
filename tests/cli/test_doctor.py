"""The doctor: everything is looked at, and what is wrong comes with how to mend it."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

import pytest

from posecheck.cli import doctor
from posecheck.cli.doctor import Finding, examine
from posecheck.core.errors import ModelError
from posecheck.pose.model import thunder


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty data folder and no way to fetch anything."""
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSECHECK_OFFLINE", "1")
    monkeypatch.delenv("POSECHECK_MODEL", raising=False)


def found(name: str) -> Finding:
    return next(finding for finding in examine() if finding.name == name)


def pretend(monkeypatch: pytest.MonkeyPatch, **versions: str | None) -> None:
    """Packages with other versions; None is not installed."""
    real = metadata.version

    def version(name: str) -> str:
        key = name.replace("-", "_")
        if key not in versions:
            return real(name)
        if versions[key] is None:
            raise metadata.PackageNotFoundError(name)
        return str(versions[key])

    monkeypatch.setattr("posecheck.cli.doctor.metadata.version", version)


def test_everything_is_looked_at() -> None:
    names = {finding.name for finding in examine()}
    assert {"posecheck", "platform", "mediapipe", "numpy", "cv2/", "pose model"} <= names
    assert {"data folder", "cameras"} <= names


def test_whatever_is_wrong_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, scipy=None, opencv_python="4.0", opencv_contrib_python="5.0")
    wrong = [finding for finding in examine() if not finding.ok]
    assert {"scipy", "cv2/", "pose model"} <= {finding.name for finding in wrong}
    assert all(finding.mend and finding.detail for finding in wrong)


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, scipy=None, jupyterlab=None)
    assert not found("scipy").ok
    assert found("scipy").mend == "pip install 'posecheck'"
    assert found("jupyterlab").ok, "notebooks are an extra"


def test_mediapipe_that_reports_to_google(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posecheck.pose.quiet.sys.platform", "darwin")
    pretend(monkeypatch, mediapipe="1.2.2")
    finding = found("mediapipe")
    assert not finding.ok
    assert "reports to Google" in finding.detail
    assert finding.mend == "pip install 'mediapipe>=0.10.33,<0.10.35'"
    pretend(monkeypatch, mediapipe="0.10.33")
    assert found("mediapipe").ok


def test_package_that_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise ImportError("libGL.so.1: cannot open shared object file")

    monkeypatch.setattr(doctor, "import_module", fail)
    for name in ("mediapipe", "cv2/"):
        finding = found(name)
        assert not finding.ok
        assert "libGL.so.1" in finding.detail
        assert "apt install" in finding.mend


@pytest.mark.parametrize(
    ("versions", "ok", "mend"),
    [
        ({"opencv_python": "5.0.0.93", "opencv_contrib_python": "5.0.0.93"}, True, ""),
        ({"opencv_python": None, "opencv_contrib_python": "5.0.0.93"}, True, ""),
        ({"opencv_python": None, "opencv_contrib_python": None}, True, ""),
        (
            {"opencv_python": "4.10", "opencv_contrib_python": "5.0.0.93"},
            False,
            "pip install opencv-python==5.0.0.93 opencv-contrib-python==5.0.0.93",
        ),
        (
            {"opencv_python_headless": "5.0.0.93"},
            False,
            "pip uninstall opencv-python-headless",
        ),
    ],
)
def test_owners_of_cv2(
    monkeypatch: pytest.MonkeyPatch, versions: dict[str, str | None], ok: bool, mend: str
) -> None:
    pretend(monkeypatch, **versions)
    finding = found("cv2/")
    assert (finding.ok, finding.mend) == (ok, mend)


def test_model_that_cannot_be_had() -> None:
    finding = found("pose model")
    assert not finding.ok
    assert finding.mend


def test_second_model_is_looked_for_and_never_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POSECHECK_OFFLINE")
    monkeypatch.setattr(thunder, "download", lambda *a, **k: pytest.fail("used the network"))
    missing = found_second()
    assert missing.ok, "checks go on without it"
    assert "posecheck model thunder" in missing.detail
    file = tmp_path / "home" / "models" / thunder.FILE_NAME
    file.parent.mkdir()
    file.write_bytes(thunder._sealed(b"a model"))
    assert f"converted from {thunder.PACKAGE}" in found_second().detail
    file.write_bytes(thunder._sealed(b"a model").replace(b"a model", b"no more"))
    assert found_second() == missing


def found_second() -> Finding:
    doctor._data()  # makes the folder
    return doctor._second_model()


def test_model_that_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.task"
    file.write_bytes(b"not a model")
    monkeypatch.setenv("POSECHECK_MODEL", str(file))
    finding = found("pose model")
    assert not finding.ok
    assert "POSECHECK_MODEL" in finding.mend


def test_model_error_is_told_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Path:
        raise ModelError("it is gone", hint="Fetch it.")

    monkeypatch.setattr("posecheck.cli.doctor.resolve_model", fail)
    assert found("pose model") == Finding("pose model", False, "it is gone", "Fetch it.")


def test_data_folder_is_made_for_its_owner(tmp_path: Path) -> None:
    finding = found("data folder")
    assert finding.ok
    assert str(tmp_path / "home") in finding.detail
    assert "nothing leaves this machine" in finding.detail


@pytest.mark.skipif(os.name != "posix", reason="no modes here")
def test_data_folder_that_others_can_read(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o755)
    finding = found("data folder")
    assert not finding.ok
    assert finding.mend == f"chmod 700 '{tmp_path / 'home'}'"


def test_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    finding = found("data folder")
    assert not finding.ok
    assert "POSECHECK_HOME" in finding.mend


def test_read_only_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posecheck.cli.doctor.os.access", lambda *_: False)
    finding = found("data folder")
    assert not finding.ok
    assert "read-only" in finding.detail
