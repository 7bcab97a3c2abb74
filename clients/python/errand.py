"""The client of Errand for Python 3.9 or newer. Copy this file: it needs the standard library.

    errand = Errand("https://errand.example.com", api_key)
    run = errand.create({"intent": "List the open tickets", "selectedCustomerIntegrationIds": ["*"],
                         "userId": "ana"})
    for event in errand.stream(run["runId"]):
        print(event["seq"], event["type"])

Inputs and answers are the JSON of the API, with its field names: see /docs of your service.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import random
import re
import socket
import ssl
import time
import urllib.request
import uuid
from contextlib import closing, contextmanager
from typing import (
    Any,
    Callable,
    Dict,
    Generator,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Tuple,
    TypedDict,
    Union,
    cast,
)
from urllib.parse import quote, unquote, urlencode, urlsplit

__all__ = [
    "Answered",
    "Approval",
    "CreateRun",
    "Errand",
    "ErrandError",
    "PendingEntry",
    "Problem",
    "RequestFailed",
    "Run",
    "RunEvent",
    "Unreachable",
    "WaitTimeout",
    "WebhookBody",
    "WebhookInvalid",
    "verify_webhook",
]

# Any JSON value.
Json = Any

#: The largest answer, and the largest event of a stream, in bytes.
MAX_ANSWER_BYTES = 64 * 1024 * 1024
#: The longest wait between two attempts, in seconds.
MAX_WAIT = 10.0
#: The longest `Retry-After` that is waited for, in seconds.
MAX_RETRY_AFTER = 60.0
#: Seconds without a byte after which a stream counts as lost. Keepalives come each 20 s.
IDLE_SECONDS = 60.0
#: Seconds by which the clock of a webhook may differ from this one.
WEBHOOK_TOLERANCE = 300


class _CreateRunRequired(TypedDict):
    intent: str
    selectedCustomerIntegrationIds: List[str]
    userId: str


class CreateRun(_CreateRunRequired, total=False):
    """The body of `POST /v1/runs`."""

    context: str
    user: Dict[str, Json]
    approvalStrategy: str
    approvers: List[Dict[str, Json]]
    onBehalfOf: Dict[str, Json]
    repeatKey: str
    outputSchema: Json
    passThrough: List[Dict[str, Json]]
    budget: Dict[str, Json]
    plan: Dict[str, Json]
    metadata: Dict[str, str]
    priority: int
    startAt: str
    redirectUri: str


class _RunHandle(TypedDict):
    runId: str
    status: str
    executionPlanId: str
    createdAt: str


class Run(_RunHandle, total=False):
    """A run. A key without `runs:read` gets the first four fields. The API has more fields."""

    intent: str
    context: str
    userId: str
    result: Json
    error: Dict[str, Json]
    summary: str
    metadata: Dict[str, str]
    usage: Dict[str, Json]
    waitingOn: List[Dict[str, Json]]
    updatedAt: str
    startedAt: str
    endedAt: str


class _RunEventRequired(TypedDict):
    type: str
    seq: int
    runId: str
    runStatus: str
    timestamp: str


class RunEvent(_RunEventRequired, total=False):
    """An event of a run. `type` says which of the other fields it has."""

    step: Dict[str, Json]
    auth: Dict[str, Json]
    approvalId: str
    effectId: str
    requestId: str
    customerIntegrationId: str
    stepId: str
    question: str
    choices: List[Dict[str, Json]]
    text: str
    reason: str
    url: str
    expiresAt: str
    result: Json
    error: Dict[str, Json]
    summary: str


class _PendingEntryRequired(TypedDict):
    kind: str
    text: str
    runId: str
    userId: str
    intent: str
    title: str
    resolveWith: Dict[str, Json]


class PendingEntry(_PendingEntryRequired, total=False):
    """A request that waits for a person. `kind` says which id it has."""

    approvalId: str
    effectId: str
    consentId: str
    requestId: str
    customerIntegrationId: str
    integrationName: str
    tool: str
    effect: str
    args: Json
    choices: List[Dict[str, Json]]
    requestedSchema: Json
    inWords: Dict[str, Json]
    expiresAt: str
    askedAt: str
    mayDecide: bool


class _ApprovalRequired(TypedDict):
    approvalId: str
    runId: str
    decision: str
    decidedAt: str


class Approval(_ApprovalRequired, total=False):
    """A decision about a plan or a call."""

    decidedBy: str
    reason: str
    edits: List[Dict[str, Json]]
    approvalRuleId: str


class _AnsweredRequired(TypedDict):
    requestId: str
    runId: str
    answeredAt: str


class Answered(_AnsweredRequired, total=False):
    """An answered question, with `answer`, or an answered input request, with `action`."""

    answer: Json
    action: str
    answeredBy: str


class WebhookBody(TypedDict):
    """The body of a webhook. `type` is the event, e.g. `run.end`."""

    type: str
    timestamp: str
    data: Dict[str, Json]


class _ProblemRequired(TypedDict):
    type: str
    title: str
    status: int
    code: str


class Problem(_ProblemRequired, total=False):
    """A problem document (RFC 9457)."""

    detail: str
    remedy: str
    values: Dict[str, Json]
    instance: str
    errors: List[Dict[str, str]]


class ErrandError(Exception):
    """The base of all errors of this file."""


class Unreachable(ErrandError):
    """The service gave no answer. A write that was sent may have been carried out."""


class WaitTimeout(ErrandError):
    """The run did not end in time. It goes on."""


class WebhookInvalid(ErrandError):
    """The request is not a webhook of Errand, or is too old. Answer it with 400."""


class RequestFailed(ErrandError):
    """The service refused a request. `code` is a stable word to branch on."""

    def __init__(self, problem: Problem, retry_after: float = 0.0) -> None:
        words = (problem.get("detail") or problem["title"], problem.get("remedy"))
        super().__init__(" ".join(word for word in words if word))
        #: The problem document of the answer.
        self.problem = problem
        self.code = problem["code"]
        self.status = problem["status"]
        #: Seconds after which to try again (`Retry-After`); 0 if the answer has none.
        self.retry_after = retry_after

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may succeed later."""
        temporary = self.status in (408, 429) or self.status >= 500
        return temporary or self.code == "request_in_progress"


class Errand:
    """A client of one service. Calls share no state: any number of threads may use one instance.

    `api_key`: an API key, or a user token (`er_user_…`).
    `timeout`: the longest time for a request and its answer, in seconds.
    `attempts`: how often a request is sent that can be repeated safely.
    `ca_file`: a file with the certificates of your own authority.
    `insecure_http`: allows http to a host that is not this machine.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout: float = 30.0,
        attempts: int = 5,
        ca_file: Optional[str] = None,
        insecure_http: bool = False,
    ) -> None:
        self._address = _Address(url, ca_file, insecure_http)
        self._credential = _Credential(api_key)
        self._timeout = timeout
        self._attempts = max(1, attempts)

    def __repr__(self) -> str:
        return f"Errand({self._address.url!r})"

    def create(
        self, run: CreateRun, *, idempotency_key: Optional[str] = None, wait: int = 0
    ) -> Run:
        """Creates a run, and only one: all attempts have the same idempotency key.

        `idempotency_key`: your own id of the errand. With it the run is created once, even if
        your program starts again.
        `wait`: the answer waits up to this many seconds (at most 60) for the end of the run, or
        until the run waits for a person.
        """
        answer = self.request(
            "POST",
            "/v1/runs",
            body=run,
            idempotency_key=idempotency_key or str(uuid.uuid4()),
            headers={"Prefer": f"wait={wait}"} if wait > 0 else None,
            timeout=self._timeout + wait,
        )
        return cast(Run, answer)

    def run(self, run_id: str) -> Run:
        """Reads a run."""
        return cast(Run, self.request("GET", f"/v1/runs/{_segment(run_id)}"))

    def cancel(self, run_id: str) -> Run:
        """Cancels a run that has not ended."""
        path = f"/v1/runs/{_segment(run_id)}"
        return cast(Run, self.request("DELETE", path, retry=True))

    def stream(
        self,
        run_id: str,
        *,
        after: int = 0,
        include_tool_calls: bool = False,
        links: bool = True,
        on_progress: Optional[Callable[[Dict[str, Json]], None]] = None,
        max_outage: Optional[float] = 900.0,
    ) -> Generator[RunEvent, None, None]:
        """The events of a run, past ones first, then live, each once and in order, until `end`.

        A lost connection is resumed after the last event, also over a restart of the service.
        `after`: only events after this number.
        `include_tool_calls`: steps have `toolCalls`.
        `links`: events have links that decide, if the key may decide.
        `on_progress`: called when a call begins or is retried.
        `max_outage`: raises Unreachable after this many seconds without a connection. None: never.
        """
        return self._events(
            _Subscription(run_id, include_tool_calls, links, on_progress, max_outage),
            after,
            None,
        )

    def wait(self, run_id: str, *, timeout: Optional[float] = None) -> Run:
        """Waits for the end of a run, and reads it. Raises WaitTimeout after `timeout` seconds.

        Give a timeout unless something else decides: a run can wait for a person for days.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        subscription = _Subscription(run_id, False, False, None, 900.0)
        try:
            for _ in self._events(subscription, 0, deadline):
                pass
        except _OutOfTime:
            raise WaitTimeout(
                f"Run {run_id} did not end within {timeout:g} s. Wait again, or cancel it."
            ) from None
        return self.run(run_id)

    def pending(
        self,
        *,
        user_id: Optional[str] = None,
        run_id: Optional[str] = None,
        kind: Optional[Iterable[str]] = None,
        customer_integration_id: Optional[str] = None,
        page_size: int = 100,
    ) -> Iterator[PendingEntry]:
        """The open requests for a person, newest first, over all pages."""
        query = {
            "userId": user_id,
            "runId": run_id,
            "kind": None if kind is None else list(kind),
            "customerIntegrationId": customer_integration_id,
            "pageSize": page_size,
        }
        for page in self.pages("/v1/pending", query):
            yield from cast(List[PendingEntry], page["pending"])

    def pages(
        self, path: str, query: Optional[Mapping[str, Json]] = None
    ) -> Iterator[Dict[str, Json]]:
        """The pages of any list of the API, by their cursors."""
        cursor: Optional[str] = None
        while True:
            page = self.request("GET", path, query={**(query or {}), "cursor": cursor})
            if not isinstance(page, dict):
                raise ErrandError(f"{path} answers with pages only if the query has a pageSize.")
            yield page
            following = page.get("nextCursor") or (page.get("pagination") or {}).get("nextCursor")
            if following is None or following == cursor:
                return
            cursor = following

    def decide(
        self,
        approval_id: str,
        decision: str,
        *,
        reason: Optional[str] = None,
        args: Optional[Mapping[str, Json]] = None,
        on_behalf_of: Optional[Mapping[str, Json]] = None,
    ) -> Approval:
        """Decides about a plan or a call that waits: `approve` or `deny`.

        `args`: replaces the arguments of the call.
        """
        body = {"decision": decision, "reason": reason, "args": args, "onBehalfOf": on_behalf_of}
        return cast(Approval, self._resolve("approvals", approval_id, body))

    def answer(
        self, request_id: str, answer: Json, *, on_behalf_of: Optional[Mapping[str, Json]] = None
    ) -> Answered:
        """Answers a question (`kind` is `question`). None: there is no answer."""
        body = _without_none({"onBehalfOf": on_behalf_of})
        path = f"/v1/questions/{_segment(request_id)}"
        return cast(
            Answered, self.request("POST", path, body={**body, "answer": answer}, retry=True)
        )

    def answer_input(
        self,
        request_id: str,
        action: str,
        *,
        content: Optional[Mapping[str, Json]] = None,
        on_behalf_of: Optional[Mapping[str, Json]] = None,
    ) -> Answered:
        """Answers an input request (`kind` is `input`): `accept`, `decline` or `cancel`."""
        body = {"action": action, "content": content, "onBehalfOf": on_behalf_of}
        return cast(Answered, self._resolve("inputs", request_id, body))

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Optional[Mapping[str, Json]] = None,
        body: Json = None,
        idempotency_key: Optional[str] = None,
        headers: Optional[Mapping[str, str]] = None,
        timeout: Optional[float] = None,
        retry: Optional[bool] = None,
    ) -> Json:
        """Any operation of the API. Returns the JSON of the answer, or None if it has no body.

        `query`: None is left out, a list is repeated.
        `retry`: whether to send it again after a lost connection or a temporary refusal. By
        default GET and requests with an idempotency key are sent again, and no others.
        """
        method = method.upper()
        sent = {"Accept": "application/json", **(headers or {})}
        if idempotency_key is not None:
            sent["Idempotency-Key"] = _header_value("idempotency_key", idempotency_key)
        payload: Optional[bytes] = None
        if body is not None:
            payload = json.dumps(body, allow_nan=False).encode()
            sent["Content-Type"] = "application/json"
        exchange = _Exchange(method, _target(path, query), sent, payload)
        if retry is None:
            retry = method == "GET" or idempotency_key is not None
        return self._attempt(exchange, timeout or self._timeout, self._attempts if retry else 1)

    def _resolve(self, kind: str, request_id: str, body: Mapping[str, Json]) -> Json:
        # A decision that is sent again gets the same answer.
        path = f"/v1/{kind}/{_segment(request_id)}"
        return self.request("POST", path, body=_without_none(body), retry=True)

    def _attempt(self, exchange: _Exchange, timeout: float, attempts: int) -> Json:
        backoff = _Backoff()
        while True:
            attempts -= 1
            try:
                with self._open(exchange, timeout) as connection:
                    return _parse(connection.read())
            except _Lost as lost:
                if attempts == 0 or lost.is_final:
                    raise Unreachable(str(lost)) from lost.__cause__
            except RequestFailed as failure:
                waitable = failure.is_temporary and failure.retry_after <= MAX_RETRY_AFTER
                if attempts == 0 or not waitable:
                    raise
                backoff.set_minimum(failure.retry_after)
            backoff.wait(None)

    @contextmanager
    def _open(self, exchange: _Exchange, timeout: float) -> Iterator[_Connection]:
        """A connection whose answer is a success."""
        connection = _Connection(self._address, timeout)
        try:
            connection.send(exchange, self._credential)
            if not 200 <= connection.status < 300:
                raise connection.failure(self._credential)
            yield connection
        finally:
            connection.close()

    def _events(
        self, subscription: _Subscription, after: int, deadline: Optional[float]
    ) -> Generator[RunEvent, None, None]:
        position = _Position(after, subscription.max_outage)
        while True:
            try:
                if (yield from self._new_events(subscription, position, deadline)):
                    return
            except _Lost as lost:
                position.outage.check(lost)
            except RequestFailed as failure:
                if not failure.is_temporary:
                    raise
                position.outage.check(failure)
                position.backoff.set_minimum(min(failure.retry_after, MAX_RETRY_AFTER))
            position.backoff.wait(deadline)

    def _new_events(
        self, subscription: _Subscription, position: _Position, deadline: Optional[float]
    ) -> Generator[RunEvent, None, bool]:
        """The new events of one connection. Returns whether the stream is over."""
        with closing(self._frames(subscription, position.seq, deadline)) as frames:
            for frame in frames:
                position.alive(frame)
                if frame.event == _NOTHING_LEFT:
                    return True
                if frame.event in ("", "keepalive"):
                    continue
                event = _parse(frame.data)
                if event["type"] == "progress":
                    subscription.report(event)
                elif event["seq"] > position.seq:
                    position.seq = event["seq"]
                    yield event
                    if event["type"] == "end":
                        return True
        return False

    def _frames(
        self, subscription: _Subscription, last_seq: int, deadline: Optional[float]
    ) -> Generator[_Frame, None, None]:
        """The frames of one connection."""
        headers = {"Accept": "text/event-stream"}
        if last_seq > 0:
            headers["Last-Event-ID"] = str(last_seq)
        exchange = _Exchange("GET", subscription.target(), headers, None)
        timeout = _seconds_left(deadline, self._timeout)
        with self._open(exchange, timeout) as connection:
            if connection.status == 204:
                yield _Frame(_NOTHING_LEFT, "")
                return
            connection.expect("text/event-stream")
            parser = _FrameParser()
            while True:
                chunk = connection.read_some(_seconds_left(deadline, IDLE_SECONDS))
                if not chunk:
                    return
                yield from parser.feed(chunk)


def verify_webhook(
    body: Union[bytes, str], headers: Mapping[str, str], secret: str, *, now: Optional[float] = None
) -> WebhookBody:
    """The body of a webhook, once its signature (Standard Webhooks) and its time are verified.

    `body`: the bytes of the request, before any parsing.
    `headers`: those of the request. The case of their names does not matter.
    `secret`: `whsec_…`, from the answer that created the webhook.
    `now`: seconds since 1970, for tests.
    Raises WebhookInvalid if the request is not from Errand, or is older than five minutes.
    """
    content = body.encode() if isinstance(body, str) else bytes(body)
    lower = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = lower.get("webhook-id"), lower.get("webhook-timestamp")
    signatures = lower.get("webhook-signature")
    if not message_id or not timestamp or not signatures:
        raise WebhookInvalid(
            "The request has no webhook-id, webhook-timestamp or webhook-signature."
        )
    if not re.fullmatch(r"[0-9]{1,15}", timestamp):
        raise WebhookInvalid("The webhook-timestamp is not a number of seconds.")
    if abs((time.time() if now is None else now) - int(timestamp)) > WEBHOOK_TOLERANCE:
        raise WebhookInvalid(
            "The webhook-timestamp and the clock here differ by more than five minutes."
        )
    signed = f"{message_id}.{timestamp}.".encode() + content
    expected = hmac.new(_secret_bytes(secret), signed, hashlib.sha256).digest()
    # After a change of the secret there are two signatures.
    if not any([hmac.compare_digest(expected, each) for each in _signature_bytes(signatures)]):
        raise WebhookInvalid(
            "The webhook-signature does not match. Check the secret; pass the body unchanged."
        )
    return cast(WebhookBody, _parse(content.decode()))


def _secret_bytes(secret: str) -> bytes:
    prefix, _, encoded = secret.partition("_")
    try:
        key = base64.b64decode(encoded, validate=True) if prefix == "whsec" else b""
    except ValueError:
        key = b""
    if not key:
        raise ValueError("The secret of a webhook is whsec_ followed by base64.")
    return key


def _signature_bytes(signatures: str) -> Iterator[bytes]:
    for signature in signatures.split(" "):
        version, _, encoded = signature.partition(",")
        if version == "v1":
            try:
                yield base64.b64decode(encoded, validate=True)
            except ValueError:
                continue


class _Credential:
    """The key. It is in no repr, so that a log of an object does not contain it."""

    def __init__(self, key: str) -> None:
        self._key = _header_value("api_key", key)

    def __repr__(self) -> str:
        return "<key>"

    def headers(self) -> Dict[str, str]:
        # A user token is accepted in Authorization alone.
        if self._key.startswith("er_user_"):
            return {"Authorization": f"Bearer {self._key}"}
        return {"x-api-key": self._key}

    def redact(self, text: str) -> str:
        return text.replace(self._key, "<key>")


class _Address:
    """Where the service is, and how it is reached."""

    def __init__(self, url: str, ca_file: Optional[str], insecure_http: bool) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(
                "url must be an http or https URL, such as https://errand.example.com."
            )
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("url must have no user, query or fragment. Pass the key as api_key.")
        if parts.scheme == "http" and not (insecure_http or _is_loopback(parts.hostname)):
            raise ValueError(
                f"The key would be readable on its way to http://{parts.hostname}. Use https, "
                "or pass insecure_http=True if the network is your own."
            )
        self.url = url.rstrip("/")
        self.prefix = parts.path.rstrip("/")
        self._is_https = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self._is_https else 80)
        self._tls = ssl.create_default_context(cafile=ca_file) if self._is_https else None

    def connection(self, timeout: float) -> http.client.HTTPConnection:
        if self._tls is None:
            # Never through a proxy, which could read the key.
            return http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        proxy = (
            None
            if urllib.request.proxy_bypass(self._host)
            else urllib.request.getproxies().get("https")
        )
        if not proxy:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=timeout, context=self._tls
            )
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        tunnel = http.client.HTTPSConnection(
            parts.hostname or "", parts.port or 80, timeout=timeout, context=self._tls
        )
        user = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        basic = base64.b64encode(user.encode()).decode()
        headers = {"Proxy-Authorization": f"Basic {basic}"} if parts.username else {}
        tunnel.set_tunnel(self._host, self._port, headers)
        return tunnel


class _Lost(Exception):
    """A connection failed, or broke off. The text says where and why."""

    def __init__(self, url: str, error: Exception) -> None:
        self.is_final = isinstance(error, ssl.SSLCertVerificationError)
        if isinstance(error, ssl.SSLCertVerificationError):
            reason = getattr(error, "verify_message", "") or str(error)
            text = f"The certificate of {url} is not trusted: {reason}. Is ca_file missing?"
        else:
            reason = (
                "the connection broke off"
                if isinstance(error, http.client.HTTPException)
                else str(error)
            )
            reason = reason or type(error).__name__
            text = f"Errand does not answer at {url}: {reason}. Check the address and the service."
        super().__init__(text)


class _OutOfTime(Exception):
    """The deadline of the caller has passed."""


class _Exchange(NamedTuple):
    method: str
    target: str
    headers: Mapping[str, str]
    payload: Optional[bytes]


class _Connection:
    """One request and its answer. Redirects are not followed: the key would go with them."""

    def __init__(self, address: _Address, timeout: float) -> None:
        self._url = address.url
        self._prefix = address.prefix
        self._ends_at = time.monotonic() + timeout
        self._connection = address.connection(timeout)
        self._socket: Optional[socket.socket] = None
        self._response: Optional[http.client.HTTPResponse] = None

    def send(self, exchange: _Exchange, credential: _Credential) -> None:
        headers = {"User-Agent": "errand-python", **exchange.headers}
        with self._losing():
            self._connection.request(
                exchange.method,
                self._prefix + exchange.target,
                body=exchange.payload,
                headers={**headers, **credential.headers()},
            )
            self._socket = self._connection.sock
            self._response = self._connection.getresponse()

    def close(self) -> None:
        if self._response is not None:
            self._response.close()
        self._connection.close()

    @property
    def status(self) -> int:
        return self._answer.status

    @property
    def _answer(self) -> http.client.HTTPResponse:
        assert self._response is not None
        return self._response

    def expect(self, content_type: str) -> None:
        actual = (self._answer.getheader("Content-Type") or "no content type").split(";")[0]
        if actual != content_type:
            raise ErrandError(
                f"{self._url} answered with {actual}, and not with {content_type}. Check the URL."
            )

    def read_some(self, timeout: float) -> bytes:
        """The next bytes; none at the end."""
        with self._losing():
            assert self._socket is not None
            self._socket.settimeout(timeout)
            return self._answer.read1(65_536)

    def read(self) -> str:
        """The whole body of JSON, within the time and size limits; nothing if there is none."""
        if self.status != 204:
            self.expect("application/json")
        return self._read_text()

    def _read_text(self) -> str:
        chunks: List[bytes] = []
        size = 0
        while True:
            timeout = self._ends_at - time.monotonic()
            if timeout <= 0:
                raise _Lost(self._url, TimeoutError("the answer took too long"))
            chunk = self.read_some(timeout)
            if not chunk:
                break
            size += len(chunk)
            if size > MAX_ANSWER_BYTES:
                raise ErrandError(
                    f"The answer has more than {MAX_ANSWER_BYTES} bytes. Ask for less."
                )
            chunks.append(chunk)
        declared = self._answer.getheader("Content-Length")
        if declared is not None and size < int(declared):
            raise _Lost(self._url, http.client.IncompleteRead(b""))
        return b"".join(chunks).decode("utf-8", "replace")

    def failure(self, credential: _Credential) -> RequestFailed:
        """The error of an answer that is not a success."""
        status = self.status
        seconds = self._answer.getheader("Retry-After") or ""
        retry_after = float(seconds) if re.fullmatch(r"[0-9]{1,9}", seconds) else 0.0
        problem = _problem(credential.redact(self._read_text()))
        if problem is None:
            problem = _problem_without_body(status, self._url)
        return RequestFailed(problem, retry_after)

    @contextmanager
    def _losing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, http.client.HTTPException) as error:
            raise _Lost(self._url, error) from error


class _Frame(NamedTuple):
    event: str
    data: str
    #: The wait before the next connection, in seconds, of a frame without an event.
    retry: Optional[float] = None


#: The event of a frame that stands for the answer 204: the run has ended, and all events were read.
_NOTHING_LEFT = "nothing left"


class _FrameParser:
    """Makes frames of the bytes of a stream of server-sent events, however they are cut."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._data: List[str] = []
        self._size = 0
        self._event = ""
        self._after_return = False

    def feed(self, chunk: bytes) -> Iterator[_Frame]:
        if self._after_return and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            self._after_return = False
        if chunk:
            self._after_return = chunk.endswith(b"\r")
        *ends, rest = re.split(rb"\r\n|\r|\n", chunk)
        for end in ends:
            self._grow(end)
            line = self._line.decode("utf-8", "replace")
            self._line.clear()
            frame = self._take(line)
            if frame is not None:
                yield frame
        self._grow(rest)

    def _grow(self, part: bytes) -> None:
        self._line += part
        self._size += len(part)
        if self._size > MAX_ANSWER_BYTES:
            raise ErrandError(f"An event has more than {MAX_ANSWER_BYTES} bytes.")

    def _take(self, line: str) -> Optional[_Frame]:
        """Reads a line, and returns the frame that it ends."""
        if line == "":
            frame = _Frame(self._event, "\n".join(self._data)) if self._data else None
            self._data, self._event, self._size = [], "", 0
            return frame
        field, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._event = value
        elif field == "retry" and re.fullmatch(r"[0-9]{1,9}", value):
            return _Frame("", "", int(value) / 1000)
        return None


class _Subscription(NamedTuple):
    run_id: str
    include_tool_calls: bool
    links: bool
    on_progress: Optional[Callable[[Dict[str, Json]], None]]
    max_outage: Optional[float]

    def target(self) -> str:
        query = {
            "includeToolCalls": self.include_tool_calls or None,
            "links": None if self.links else False,
            "progress": None if self.on_progress else False,
        }
        return _target(f"/v1/runs/{_segment(self.run_id)}/sse", query)

    def report(self, frame: Dict[str, Json]) -> None:
        if self.on_progress is not None:
            self.on_progress(frame)


class _Outage:
    """The time since the first of several failed connections."""

    def __init__(self, longest: Optional[float]) -> None:
        self._longest = longest
        self._began: Optional[float] = None

    def end(self) -> None:
        self._began = None

    def check(self, error: Exception) -> None:
        now = time.monotonic()
        if self._began is None:
            self._began = now
        is_over = self._longest is not None and now - self._began >= self._longest
        if is_over or (isinstance(error, _Lost) and error.is_final):
            raise Unreachable(str(error)) from error


class _Position:
    """How far a stream was read, over its connections."""

    def __init__(self, after: int, max_outage: Optional[float]) -> None:
        self.seq = after
        self.backoff = _Backoff()
        self.outage = _Outage(max_outage)

    def alive(self, frame: _Frame) -> None:
        self.outage.end()
        self.backoff.reset()
        if frame.retry is not None:
            self.backoff.set_base(frame.retry)


class _Backoff:
    """Waits between attempts: twice as long each time, minus a random part of up to half."""

    def __init__(self) -> None:
        self._base = 0.5
        self._failures = 0
        self._minimum = 0.0

    def set_base(self, seconds: float) -> None:
        self._base = min(seconds, MAX_WAIT)

    def set_minimum(self, seconds: float) -> None:
        self._minimum = seconds

    def reset(self) -> None:
        self._failures = 0

    def wait(self, deadline: Optional[float]) -> None:
        longest = min(self._base * 2 ** min(self._failures, 10), MAX_WAIT)
        seconds = max(longest * (1 - random.random() / 2), self._minimum)
        self._failures += 1
        self._minimum = 0.0
        time.sleep(_seconds_left(deadline, seconds))


def _seconds_left(deadline: Optional[float], most: float) -> float:
    if deadline is None:
        return most
    left = deadline - time.monotonic()
    if left <= 0:
        raise _OutOfTime
    return min(left, most)


def _header_value(name: str, value: str) -> str:
    if not value:
        raise ValueError(f"{name} is empty. Is a variable of the environment not set?")
    # The error of http.client would show the value.
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValueError(
            f"{name} must be printable ASCII without spaces. Is there a line end to strip?"
        )
    return value


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _segment(value: str) -> str:
    """A part of a path."""
    if value in ("", ".", ".."):
        raise ValueError(f"{value!r} is not an id.")
    return quote(value, safe="")


def _target(path: str, query: Optional[Mapping[str, Json]]) -> str:
    if not re.fullmatch(r"/[\x21-\x7e]*", path):
        raise ValueError(
            "path must begin with / and have no spaces: quote(part, safe='') of urllib.parse."
        )
    pairs: List[Tuple[str, str]] = []
    for name, value in (query or {}).items():
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if item is not None:
                pairs.append((name, str(item).lower() if isinstance(item, bool) else str(item)))
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _without_none(body: Mapping[str, Json]) -> Dict[str, Json]:
    return {name: value for name, value in body.items() if value is not None}


def _parse(text: str) -> Json:
    if text == "":
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ErrandError("The answer is not JSON. Check the URL.") from None


def _problem_without_body(status: int, url: str) -> Problem:
    """The problem when a proxy answered, whose body is of no use."""
    detail = f"{url} answered {status} without a problem document."
    if 300 <= status < 400:
        detail = f"{url} answered {status}. Redirects are not followed with a key."
    return {
        "type": "about:blank",
        "title": "Request failed",
        "status": status,
        "code": "unknown",
        "detail": detail,
        "remedy": "Check the URL: it must be the address of Errand.",
    }


def _problem(text: str) -> Optional[Problem]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_problem = (
        isinstance(body, dict)
        and isinstance(body.get("code"), str)
        and isinstance(body.get("title"), str)
        and isinstance(body.get("status"), int)
    )
    return cast(Problem, body) if is_problem else None
