"""Energy and CO2e of a piece of work, from the Wattledger agent of this machine. Python 3.8 and later, nothing else.

    from wattledger import window, measured

    for n in range(10):
        with window("epoch", n, repeats=10, series="run-7") as epoch:
            train()
        print(epoch.energy_j, epoch.result["prediction"])

    @measured
    def handler(event): ...
"""

import functools
import http.client
import json
import os
import socket

SOCKETS = ("/run/wattledger/api.sock", os.path.expanduser("~/.local/state/wattledger/api.sock"))


class WattledgerError(Exception):
    """The agent cannot be asked, or says no."""


class _Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def call(method, path, body=None):
    """One request of the agent's interface (docs/api/openapi.json); its answer as a dict."""
    own = os.environ.get("WATTLEDGER_SOCKET")
    error = None
    for place in (own,) if own else SOCKETS:
        connection = _Connection(place)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            told = json.loads(answer.read())
        except (OSError, ValueError, http.client.HTTPException) as failure:
            error = failure
            continue
        finally:
            connection.close()
        if answer.status >= 400:
            raise WattledgerError(told.get("error", "HTTP %d" % answer.status))
        return told
    raise WattledgerError("no agent answers: %s" % error) from error


class window:
    """A context in which the machine's energy is measured. Afterwards `result` is the window, see docs/windows.md.

    `number` becomes the tag of the window's name: `window("epoch", 3)` has the tag epoch=3. Without an agent the work
    goes on and `result` stays None, unless `required`.
    """

    def __init__(self, name, number=None, *, tags=None, series=None, repeats=None, limit_s=None, required=False):
        wish = {"name": name, "tags": {key: str(value) for key, value in (tags or {}).items()}}
        if number is not None:
            wish["tags"][name] = str(number)
        for key, value in (("series", series), ("repeats", repeats), ("limit_s", limit_s)):
            if value is not None:
                wish[key] = value
        self._wish = wish
        self._required = required
        self.id = None
        self.result = None
        self.error = None

    @property
    def energy_j(self):
        return None if self.result is None else self.result["energy_j"]

    @property
    def co2e_g(self):
        return None if self.result is None else self.result["co2e_g"]["location"]

    def __enter__(self):
        try:
            self.id = call("POST", "/v1/windows", self._wish)["id"]
        except WattledgerError as error:
            if self._required:
                raise
            self.error = error
        return self

    def __exit__(self, kind, value, traceback):
        if self.id is None:
            return
        try:
            self.result = call("POST", "/v1/windows/%s/end" % self.id, {})
        except WattledgerError as error:
            # What went wrong in the work itself is what its caller has to hear of.
            if self._required and kind is None:
                raise
            self.error = error

    def refresh(self):
        """Asks again, for a window that is provisional."""
        self.result = call("GET", "/v1/windows/%s" % self.id)
        return self.result


def measured(function=None, **options):
    """Measures each call of a function; `function.last` is the newest window."""
    if function is None:
        return functools.partial(measured, **options)
    name = options.pop("name", function.__name__)

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        with window(name, **options) as wrapper.last:
            return function(*args, **kwargs)

    wrapper.last = None
    return wrapper
