"""Files of the models, downloaded by https with limits on time and size.

Fetching a model is the only thing that posecheck ever does on a network.
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import IO, Any

Progress = Callable[[str, int, int | None], None]
"""Called with a message, the bytes done and, where it is known, the bytes in all."""

CONNECT_TIMEOUT_S = 8.0
_CHUNK = 64 * 1024
_LARGEST_MODEL = 64 * 2**20  # heavy is 30 MB; anything far beyond is not a model


class FetchFailedError(Exception):
    """One way to get the model did not work; the message is the reason, as part of a sentence."""


def download(
    url: str,
    *,
    sha256: frozenset[str],
    what: str,
    progress: Progress,
    largest: int | None = None,
) -> bytes:
    """Download a file into memory: nothing touches the disk before its sha256 is right.

    Parameters
    ----------
    url : str
        An https address, or an http address of this machine.
    sha256 : frozenset of str
        What the file may be, in hexadecimal.
    what : str
        What the file is, for the progress.
    progress : Progress
        Told how far it is.
    largest : int, optional
        The most bytes it can be, without it what a model can be.

    Returns
    -------
    bytes
        The whole file.

    Raises
    ------
    FetchFailedError
        The server cannot be reached in time, or what it sends is not the file.
    """
    message = f"fetching {what}"
    progress(message, 0, None)
    with _open(url) as response:
        total = _content_length(response)
        data = bytearray()
        while chunk := _read(response):
            data += chunk
            if len(data) > (largest or _LARGEST_MODEL):
                raise FetchFailedError("the server sent far more than a model")
            progress(message, len(data), total)
    if total is not None and len(data) != total:
        raise FetchFailedError(f"it broke off after {len(data)} of {total} bytes")
    if hashlib.sha256(data).hexdigest() not in sha256:
        raise FetchFailedError("what came is not the known file (its sha256 is another)")
    return bytes(data)


def _open(url: str) -> Any:
    """Open an address, giving up after `CONNECT_TIMEOUT_S` in all.

    A socket timeout alone is not enough: it holds for each of a host's many addresses in turn, and
    not at all for looking up its name. So a thread opens, and is left behind when it is too slow.
    """
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def open_it() -> None:
        try:
            _refuse_plain_http(url)
            opener = urllib.request.build_opener(_SafeRedirects)
            answers.put(opener.open(url, timeout=CONNECT_TIMEOUT_S))
        except (OSError, http.client.HTTPException, ValueError, FetchFailedError) as error:
            answers.put(error)

    threading.Thread(target=open_it, name="posecheck-download", daemon=True).start()
    host = urllib.parse.urlsplit(url).hostname or url
    try:
        answer = answers.get(timeout=CONNECT_TIMEOUT_S)
    except queue.Empty as error:
        raise FetchFailedError(_no_answer(host)) from error
    if isinstance(answer, FetchFailedError):
        raise answer
    if isinstance(answer, Exception):
        raise FetchFailedError(_network_reason(answer, host)) from answer
    return answer


def _read(response: Any) -> bytes:
    try:
        chunk: bytes = response.read(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise FetchFailedError(f"the connection broke ({error})") from error
    return chunk


def _content_length(response: Any) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else None


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to where `_refuse_plain_http` would let us go in the first place."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        _refuse_plain_http(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refuse_plain_http(url: str) -> None:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return
    raise FetchFailedError(f"{parts.scheme or 'no'} address refused: a model is fetched by https")


def _is_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def _no_answer(host: str) -> str:
    return f"{host} did not answer within {CONNECT_TIMEOUT_S:g} s"


def _network_reason(error: Exception, host: str) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"{host} answered {error.code} {error.reason}"
    reason = getattr(error, "reason", error)
    if isinstance(reason, socket.gaierror):
        return f"the name {host} could not be looked up"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {host} could not be verified "
            "(SSL_CERT_FILE can name the certificates to trust)"
        )
    if isinstance(reason, TimeoutError):
        return _no_answer(host)
    detail = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return f"{host} could not be reached ({detail})"
