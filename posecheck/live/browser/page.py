"""The live coach on a page of this machine, in an ordinary browser: for where a cell has no camera.

Only this machine reaches the page, and on it only the browser that was given the token: it is good
for one load, after which a cookie carries on. The socket wants that cookie and the page's own
origin, and every request the page's own address, so that no other page that is open in the browser
can talk to it, under whatever name it finds it. A notebook on this machine may be invited to the
socket: by a token that is told through the kernel, for its own origin, once.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from posecheck.core.errors import UsageError
from posecheck.live.browser.client import page_html, page_script, script, style
from posecheck.live.browser.messages import MAX_PICTURE_BYTES
from posecheck.live.browser.session import LiveSession

HOST = "127.0.0.1"
_THIS_MACHINE = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
_GOODBYE_S = 2.0
_RELOAD_S = 3.0  # a page that is reloaded is away for a moment

# Everything comes from this server; `data:` and inline styles are the report's.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; "
    "connect-src ws://{host}; worker-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


class Page:
    """Serves one session's page until it is closed.

    Parameters
    ----------
    session : LiveSession

    Attributes
    ----------
    url : str
        With the token; it opens once.
    """

    def __init__(self, session: LiveSession) -> None:
        self.session = session
        self.host = ""  # and port, as a browser says it
        self._token: str | None = secrets.token_urlsafe(32)
        self._cookie_value = secrets.token_urlsafe(32)
        self._invited: dict[str, str] = {}  # token and origin
        self.sockets: set[WebSocketHandler] = set()
        self._left = threading.Event()
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="posecheck-page", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            raise UsageError(
                f"a page cannot be served on this machine ({self._failure})", where=HOST
            ) from self._failure
        self.url = f"http://{self.host}/?token={self._token}"

    def wait(self) -> None:
        """Wait until somebody has opened the page and closed it again."""
        # In slices: on Windows a wait without an end cannot be interrupted.
        while not self._left.wait(0.5):
            pass

    def close(self) -> None:
        """Serve no longer."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)

    # --- for the handlers -----------------------------------------------------------------------

    def may_load(self, token: str | None, cookie: str | None) -> bool:
        """Whether a browser may see the page; a token that is used is used up.

        Parameters
        ----------
        token : str or None
        cookie : str or None

        Returns
        -------
        bool
        """
        if cookie is not None and hmac.compare_digest(cookie, self._cookie_value):
            return True
        if token is None or self._token is None or not hmac.compare_digest(token, self._token):
            return False
        self._token = None
        return True

    def invite(self, origin: str) -> str | None:
        """The socket's address for one page of another origin on this machine; None elsewhere.

        Parameters
        ----------
        origin : str or None
            Of the page that asks.

        Returns
        -------
        str or None
        """
        if not _THIS_MACHINE.fullmatch(origin):
            return None
        token = secrets.token_urlsafe(32)
        self._invited[token] = origin
        return f"ws://{self.host}/socket?token={token}"

    def may_open_socket(self, origin: str | None, token: str | None, cookie: str | None) -> bool:
        """Whether a socket may be opened: by the own page, or by one that was invited, once.

        Parameters
        ----------
        origin : str or None
            Of the page that asks.
        token : str or None
        cookie : str or None

        Returns
        -------
        bool
        """
        if token is not None:
            return origin is not None and self._invited.pop(token, None) == origin
        return origin == f"http://{self.host}" and self.may_load(None, cookie)

    @property
    def cookie_name(self) -> str:
        """The cookie's name; browsers keep one set of cookies for all ports of a machine."""
        return f"posecheck-{self.host.rpartition(':')[2]}"

    @property
    def cookie_value(self) -> str:
        """What the cookie holds."""
        return self._cookie_value

    def sender(self, socket: WebSocketHandler) -> Callable[[dict[str, Any]], None]:
        """A function that sends a message by a socket, from any thread.

        Parameters
        ----------
        socket : WebSocketHandler

        Returns
        -------
        Callable[[dict[str, Any]], None]
        """

        def write(text: str) -> None:
            try:
                socket.write_message(text)
            except WebSocketClosedError:
                return  # the page was closed while the engine looked at its last frame

        def send(message: dict[str, Any]) -> None:
            text = json.dumps(message, allow_nan=False)
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(write, text)

        return send

    def add_socket(self, socket: WebSocketHandler) -> None:
        """A page has opened its socket.

        Parameters
        ----------
        socket : WebSocketHandler
        """
        self.sockets.add(socket)

    def remove_socket(self, socket: WebSocketHandler) -> None:
        """A page has closed its socket; unless it comes back at once, that was all.

        Parameters
        ----------
        socket : WebSocketHandler
        """
        self.sockets.discard(socket)
        if not self.sockets and self._stop.is_set():
            self._empty.set()
        self._loop.call_later(_RELOAD_S, self._end_if_empty)

    def _end_if_empty(self) -> None:
        if not self.sockets:
            self._left.set()

    # --- the server's thread --------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.run(self._serve())
        self._left.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop, self._empty = asyncio.Event(), asyncio.Event()
        try:
            sockets = bind_sockets(0, HOST)
            self.host = f"{HOST}:{sockets[0].getsockname()[1]}"
            server = HTTPServer(_application(self))
            server.add_sockets(sockets)
        except OSError as error:
            self._failure = error
            return
        finally:
            self._started.set()
        await self._stop.wait()
        server.stop()
        # Said goodbye to: what was sent last is lost where a socket is just dropped.
        for socket in list(self.sockets):
            socket.close()
        if self.sockets:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), _GOODBYE_S)
        await server.close_all_connections()


def _application(page: Page) -> Application:
    own = {"page": page}
    return Application(
        [
            (r"/", _PageHandler, own),
            (r"/socket", _SocketHandler, own),
            (r"/(.*)", _FileHandler, own),
        ],
        websocket_max_message_size=MAX_PICTURE_BYTES + 1,
        log_function=_log_nothing,
    )


def _log_nothing(_: RequestHandler) -> None:
    """Tornado would write every refused request into the notebook."""


class _Handler(RequestHandler):
    """What page and files have in common: who may ask, and what a browser may do with them."""

    def initialize(self, page: Page) -> None:
        self.page = page

    def prepare(self) -> None:
        _refuse_other_names(self, self.page)
        if not self.page.may_load(
            self.get_query_argument("token", None), _cookie_value(self, self.page)
        ):
            raise HTTPError(403)

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        if status_code == 403:
            self.finish("This address opens once. Run coach.page() again for a new one.\n")
        else:
            self.finish(f"{status_code}\n")


class _PageHandler(_Handler):
    def get(self) -> None:
        self.set_header("Content-Security-Policy", _POLICY.format(host=self.page.host))
        # Of this site only, and out of reach of scripts; it ends with the browser.
        self.set_cookie(
            self.page.cookie_name, self.page.cookie_value, httponly=True, samesite="Strict"
        )
        self.finish(page_html())


class _FileHandler(_Handler):
    FILES: ClassVar = {
        "widget.js": ("text/javascript", script),
        "page.js": ("text/javascript", page_script),
        "widget.css": ("text/css", style),
    }

    def get(self, name: str) -> None:
        if name not in self.FILES:
            raise HTTPError(404)
        kind, text = self.FILES[name]
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.finish(text())


class _SocketHandler(WebSocketHandler):
    def initialize(self, page: Page) -> None:
        self.page = page
        self.message: object = None

    def prepare(self) -> None:
        _refuse_other_names(self, self.page)
        origin = self.request.headers.get("Origin")  # programs that are no browsers send none
        token = self.get_query_argument("token", None)
        if not self.page.may_open_socket(origin, token, _cookie_value(self, self.page)):
            raise HTTPError(403)

    def check_origin(self, origin: str) -> bool:
        """Told above: Tornado knows nothing of who was invited."""
        return True

    def open(self, *_: str, **__: str) -> None:
        self.set_nodelay(True)
        self.send = self.page.sender(self)
        self.page.add_socket(self)

    def on_message(self, message: str | bytes) -> None:
        """A text is a message; where it says so, its picture is the next one."""
        if isinstance(message, bytes):
            self.page.session.receive(self.message, message, self.send)
            return
        try:
            parts = json.loads(message)
            self.message = parts["message"]
            picture_follows = parts["picture"]
        except (ValueError, TypeError, KeyError):
            self.close(1003, "not a message of posecheck")
            return
        if not picture_follows:
            self.page.session.receive(self.message, None, self.send)

    def on_close(self) -> None:
        self.page.remove_socket(self)


def _refuse_other_names(handler: RequestHandler, page: Page) -> None:
    """Another page's name may be made to point to this machine; then the browser says that name."""
    if handler.request.host != page.host:
        raise HTTPError(403)


def _cookie_value(handler: RequestHandler, page: Page) -> str | None:
    return handler.get_cookie(page.cookie_name)
