"""The parts of errand.py that need no service, against a server that answers as a test says."""

from __future__ import annotations

import http.server
import json
import os
import socket
import ssl
import threading
import time
import unittest
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple
from unittest.mock import patch

import errand
from errand import (
    CreateRun,
    Errand,
    ErrandError,
    RequestFailed,
    RunEvent,
    Unreachable,
    WaitTimeout,
    WebhookInvalid,
    verify_webhook,
)

KEY = "er_live_0123456789abcdefghijklmnop"
RUN: CreateRun = {"intent": "Look", "selectedCustomerIntegrationIds": ["*"], "userId": "ana"}
# Streams that no client closed in time.
LEFT_OPEN: List[str] = []
HANDLE = {"runId": "run-1", "status": "QUEUED", "executionPlanId": "plan-1", "createdAt": "now"}


class Received(NamedTuple):
    method: str
    target: str
    headers: Dict[str, str]
    body: bytes


Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


def answer(status: int, body: Any = None, headers: Optional[Dict[str, str]] = None) -> Answer:
    """A complete answer: JSON, or bytes as they are."""

    def send(handler: http.server.BaseHTTPRequestHandler) -> None:
        is_problem = status >= 400 and isinstance(body, dict)
        content_type = "application/problem+json" if is_problem else "application/json"
        payload = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        handler.send_response(status)
        for name, value in {"Content-Type": content_type, **(headers or {})}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(payload)))
        handler.end_headers()
        handler.wfile.write(payload)

    return send


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def problem(status: int, code: str, headers: Optional[Dict[str, str]] = None) -> Answer:
    document = {"type": "about:blank", "title": code, "status": status, "code": code}
    return answer(status, {**document, "detail": "It is wrong.", "remedy": "Mend it."}, headers)


def hang_up(handler: http.server.BaseHTTPRequestHandler) -> None:
    """The connection ends without an answer."""
    handler.close_connection = True


def events(*parts: bytes, then: Optional[threading.Event] = None) -> Answer:
    """The start of a stream, which is left open until an event, or is cut."""

    def send(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream; charset=utf-8")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for part in parts:
            handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            handler.wfile.flush()
        if then is not None and not then.wait(20):
            LEFT_OPEN.append("a client waited longer than it should")
        # Without the last chunk, as when a process is killed.
        handler.close_connection = True

    return send


def event(seq: int, kind: str = "step") -> bytes:
    data = {"type": kind, "seq": seq, "runId": "run-1", "runStatus": "RUNNING", "timestamp": "now"}
    return f"id: {seq}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode()


class Script:
    """A server that gives these answers, one to each request."""

    def __init__(self, test: unittest.TestCase, *answers: Answer, port: int = 0) -> None:
        self.received: List[Received] = []
        left = list(answers)
        script = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(length)
                script.received.append(Received(self.command, self.path, headers, body))
                (left.pop(0) if left else answer(500))(self)

            do_GET = do_POST = do_DELETE = do_CONNECT = handle_any

            def log_message(self, *_: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        test.addCleanup(self.close)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Case(unittest.TestCase):
    def setUp(self) -> None:
        LEFT_OPEN.clear()
        self.addCleanup(lambda: self.assertEqual(LEFT_OPEN, []))
        patcher = patch("errand.time.sleep")
        self.sleep = patcher.start()
        self.addCleanup(patcher.stop)

    def client(self, *answers: Answer, **options: Any) -> Tuple[Errand, Script]:
        script = Script(self, *answers)
        return Errand(script.url, KEY, **options), script

    def waits(self) -> List[float]:
        return [call.args[0] for call in self.sleep.call_args_list]


class Requests(Case):
    def test_attempts_have_one_key_and_end_with_the_first_success(self) -> None:
        client, script = self.client(
            hang_up,
            problem(503, "unavailable", {"Retry-After": "7"}),
            problem(409, "request_in_progress", {"Retry-After": "1"}),
            answer(502, b"<html>Bad gateway</html>"),
            answer(201, HANDLE),
        )
        self.assertEqual(client.create(RUN)["runId"], "run-1")
        keys = {each.headers["idempotency-key"] for each in script.received}
        self.assertEqual((len(script.received), len(keys)), (5, 1))
        self.assertEqual({each.body for each in script.received}, {_json(RUN)})
        waits = self.waits()
        self.assertEqual((len(waits), waits[1]), (4, 7.0))
        self.assertTrue(0.25 <= waits[0] <= 0.5 and 2 <= waits[3] <= 4)

    def test_attempts_are_bounded(self) -> None:
        client, script = self.client(*[hang_up] * 9, attempts=3)
        with self.assertRaisesRegex(Unreachable, "does not answer at http://127.0.0.1"):
            client.create(RUN, idempotency_key="mine")
        self.assertEqual(
            [each.headers["idempotency-key"] for each in script.received], ["mine"] * 3
        )

    def test_a_refusal_that_lasts_is_raised_at_once(self) -> None:
        client, script = self.client(problem(400, "validation_failed"))
        with self.assertRaises(RequestFailed) as caught:
            client.create(RUN)
        self.assertEqual(str(caught.exception), "It is wrong. Mend it.")
        self.assertEqual(
            (caught.exception.code, caught.exception.status), ("validation_failed", 400)
        )
        self.assertEqual(len(script.received), 1)

    def test_a_long_wait_is_left_to_the_caller(self) -> None:
        client, script = self.client(problem(429, "rate_limited", {"Retry-After": "3600"}))
        with self.assertRaises(RequestFailed) as caught:
            client.run("run-1")
        self.assertEqual((caught.exception.retry_after, len(script.received)), (3600.0, 1))

    def test_a_write_without_a_key_is_sent_once(self) -> None:
        client, script = self.client(hang_up, answer(200, {}))
        with self.assertRaises(Unreachable):
            client.request("POST", "/v1/runs/preflight", body={})
        self.assertEqual(len(script.received), 1)

    def test_a_decision_is_repeated(self) -> None:
        client, script = self.client(hang_up, answer(200, {"decision": "approve"}))
        client.decide("a/1", "approve", reason="Fine.")
        self.assertEqual(script.received[1].target, "/v1/approvals/a%2F1")
        self.assertEqual(script.received[1].body, _json({"decision": "approve", "reason": "Fine."}))

    def test_no_answer_to_a_question_is_null(self) -> None:
        client, script = self.client(answer(200, {}))
        client.answer("q-1", None)
        self.assertEqual(script.received[0].body, b'{"answer": null}')

    def test_queries(self) -> None:
        client, script = self.client(answer(200, {}))
        query = {"status": ["PAUSED", "QUEUED"], "links": False, "q": "a b", "userId": None}
        client.request("get", "/v1/runs", query=query)
        self.assertEqual(
            script.received[0].target, "/v1/runs?status=PAUSED&status=QUEUED&links=false&q=a+b"
        )

    def test_pages_are_read_to_the_last(self) -> None:
        client, script = self.client(
            answer(200, {"pending": [{"kind": "call"}], "nextCursor": "c1"}),
            answer(200, {"pending": [], "nextCursor": "c2"}),
            answer(200, {"pending": [{"kind": "plan"}]}),
        )
        kinds = [entry["kind"] for entry in client.pending(user_id="ana")]
        self.assertEqual(kinds, ["call", "plan"])
        cursors = [each.target.partition("cursor=")[2] for each in script.received]
        self.assertEqual(cursors, ["", "c1", "c2"])

    def test_pages_end_when_a_cursor_is_repeated(self) -> None:
        same = answer(200, {"runs": [], "pagination": {"nextCursor": "c1"}})
        client, _ = self.client(same, same, same)
        self.assertEqual(len(list(client.pages("/v1/runs"))), 2)

    def test_an_answer_is_bounded_in_size_and_time(self) -> None:
        client, _ = self.client(answer(200, {"text": "x" * 1000}))
        with (
            patch("errand.MAX_ANSWER_BYTES", 500),
            self.assertRaisesRegex(ErrandError, "500 bytes"),
        ):
            client.run("run-1")

        def trickle(handler: http.server.BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", "100000")
            handler.end_headers()
            for _ in range(100):
                handler.wfile.write(b" ")
                threading.Event().wait(0.05)

        client, _ = self.client(trickle, timeout=0.3, attempts=1)
        began = time.monotonic()
        with self.assertRaises(Unreachable):
            client.run("run-1")
        self.assertLess(time.monotonic() - began, 4)

    def test_a_short_answer_is_a_lost_connection(self) -> None:
        def short(handler: http.server.BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", "100")
            handler.end_headers()
            handler.wfile.write(b"{}")
            handler.close_connection = True

        client, script = self.client(short, answer(200, HANDLE))
        self.assertEqual(client.run("run-1")["runId"], "run-1")
        self.assertEqual(len(script.received), 2)

    def test_a_page_is_not_an_answer(self) -> None:
        client, _ = self.client(answer(200, b"<html>", {"Content-Type": "text/html"}))
        with self.assertRaisesRegex(ErrandError, "answered with text/html"):
            client.run("run-1")

    def test_threads_share_an_instance(self) -> None:
        client, script = self.client(*[answer(200, HANDLE)] * 40)
        failures: List[Exception] = []

        def call() -> None:
            try:
                for _ in range(5):
                    client.run("run-1")
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((failures, len(script.received)), ([], 40))


class Keys(Case):
    def test_the_key_is_in_its_header_alone(self) -> None:
        client, script = self.client(answer(200, HANDLE), answer(200, HANDLE))
        client.run("run-1")
        Errand(script.url, "er_user_abc").run("run-1")
        key, token = script.received
        self.assertEqual((key.headers["x-api-key"], key.headers.get("authorization")), (KEY, None))
        self.assertEqual(token.headers["authorization"], "Bearer er_user_abc")
        self.assertNotIn("x-api-key", token.headers)
        self.assertNotIn(KEY, key.target)
        self.assertNotIn(KEY, f"{client!r} {vars(client)!r}")

    def test_no_error_shows_the_key(self) -> None:
        echo = {"type": "", "title": KEY, "status": 400, "code": "x", "detail": f"No {KEY}"}
        client, _ = self.client(answer(400, echo))
        with self.assertRaises(RequestFailed) as caught:
            client.run("run-1")
        self.assertNotIn(KEY, f"{caught.exception} {caught.exception.problem}")
        for key in (f"{KEY}\n", f"{KEY} ", f"{KEY}é"):
            with self.assertRaisesRegex(ValueError, "line end") as refused:
                Errand("http://localhost", key)
            self.assertNotIn(KEY, str(refused.exception))
        with self.assertRaisesRegex(ValueError, "api_key is empty"):
            Errand("http://localhost", "")

    def test_a_redirect_is_not_followed(self) -> None:
        inside = Script(self, answer(200, HANDLE))
        client, _ = self.client(answer(307, None, {"Location": f"{inside.url}/v1/runs/run-1"}))
        with self.assertRaisesRegex(RequestFailed, "Redirects are not followed with a key"):
            client.run("run-1")
        self.assertEqual(inside.received, [])

    def test_plain_http_is_for_this_machine(self) -> None:
        for url in (
            "http://errand.example.com",
            "http://10.0.0.7:4000",
            "http://localhost.example",
        ):
            with self.assertRaisesRegex(ValueError, "https, or pass insecure_http=True"):
                Errand(url, KEY)
        for url in (
            "http://localhost:4000",
            "http://127.0.0.1",
            "http://[::1]:4000",
            "https://e.co",
        ):
            Errand(url, KEY)
        Errand("http://errand:4000", KEY, insecure_http=True)
        for url in (
            "errand.example.com",
            "ftp://e.co",
            "https://me:pw@e.co",
            f"https://e.co?key={KEY}",
        ):
            with self.assertRaises(ValueError) as caught:
                Errand(url, KEY)
            self.assertNotIn(KEY, str(caught.exception))

    def test_certificates_are_checked(self) -> None:
        tls = Errand("https://localhost", KEY)._address._tls
        assert tls is not None
        self.assertEqual((tls.verify_mode, tls.check_hostname), (ssl.CERT_REQUIRED, True))
        failed = ssl.SSLCertVerificationError(1, "self-signed certificate")
        client = Errand("https://localhost:1", KEY)
        with patch("http.client.HTTPSConnection.connect", side_effect=failed) as connect:
            with self.assertRaisesRegex(
                Unreachable, "certificate of https://localhost:1 is not trusted: .*ca_file"
            ):
                client.run("run-1")
            with self.assertRaisesRegex(Unreachable, "certificate"):
                next(client.stream("run-1"))
        self.assertEqual(connect.call_count, 2)

    def test_a_proxy_gets_no_key(self) -> None:
        proxy = Script(self, answer(403))
        client, script = self.client(answer(200, HANDLE))
        variables = {
            "HTTPS_PROXY": proxy.url,
            "HTTP_PROXY": proxy.url,
            "NO_PROXY": "",
            "no_proxy": "",
        }
        with patch.dict(os.environ, variables):
            with self.assertRaises(Unreachable):
                Errand("https://errand.example.com", KEY, attempts=1).run("run-1")
            client.run("run-1")
        self.assertEqual([each.method for each in proxy.received], ["CONNECT"])
        self.assertNotIn(KEY, str(proxy.received))
        self.assertEqual(len(script.received), 1)


class Streams(Case):
    def seqs(self, found: List[RunEvent]) -> List[int]:
        return [each["seq"] for each in found]

    def test_it_resumes_and_gives_each_event_once(self) -> None:
        client, script = self.client(
            events(b"retry: 100\n\n", event(1), event(2), event(3)[:20]),
            problem(503, "unavailable", {"Retry-After": "3"}),
            hang_up,
            events(
                event(2), event(3), b"event: keepalive\ndata: null\n\n", event(4, "end"), event(5)
            ),
        )
        found = list(client.stream("run-1"))
        self.assertEqual(self.seqs(found), [1, 2, 3, 4])
        self.assertEqual(
            [each.headers.get("last-event-id") for each in script.received], [None, "2", "2", "2"]
        )
        self.assertEqual(script.received[0].target, "/v1/runs/run-1/sse?progress=false")
        waits = self.waits()
        self.assertTrue(waits[0] <= 0.1 and waits[1] == 3.0 and waits[2] <= 0.4, waits)

    def test_a_comment_before_the_end_of_a_connection_is_no_event(self) -> None:
        client, _ = self.client(
            events(event(1), b": unauthenticated\n\n"), problem(401, "unauthenticated")
        )
        found: List[RunEvent] = []
        with self.assertRaises(RequestFailed):
            for each in client.stream("run-1"):
                found.append(each)
        self.assertEqual(self.seqs(found), [1])

    def test_204_is_the_end(self) -> None:
        client, script = self.client(answer(204))
        self.assertEqual(list(client.stream("run-1", after=7)), [])
        self.assertEqual(script.received[0].headers["last-event-id"], "7")

    def test_progress_is_reported_and_is_no_event(self) -> None:
        frame = b'event: progress\ndata: {"type": "progress", "stepId": "a"}\n\n'
        client, script = self.client(events(frame, event(1, "end")))
        reported: List[Dict[str, Any]] = []
        self.assertEqual(self.seqs(list(client.stream("run-1", on_progress=reported.append))), [1])
        self.assertEqual([each["stepId"] for each in reported], ["a"])
        self.assertEqual(script.received[0].target, "/v1/runs/run-1/sse")

    def test_an_error_of_the_caller_is_not_a_lost_connection(self) -> None:
        frame = b'event: progress\ndata: {"type": "progress", "stepId": "a"}\n\n'
        client, script = self.client(events(frame, event(1, "end")))

        def fail(_: Dict[str, Any]) -> None:
            raise OSError("the disk is full")

        with self.assertRaisesRegex(OSError, "the disk is full"):
            list(client.stream("run-1", on_progress=fail))
        self.assertEqual(len(script.received), 1)

    def test_a_silent_connection_is_lost(self) -> None:
        done = threading.Event()
        self.addCleanup(done.set)
        client, script = self.client(events(event(1), then=done), events(event(2, "end")))
        with patch("errand.IDLE_SECONDS", 0.2):
            self.assertEqual(self.seqs(list(client.stream("run-1"))), [1, 2])
        self.assertEqual(script.received[1].headers["last-event-id"], "1")

    def test_an_outage_is_bounded(self) -> None:
        client, script = self.client(events(event(1)), hang_up, hang_up)
        found: List[RunEvent] = []
        with self.assertRaises(Unreachable):
            for each in client.stream("run-1", max_outage=0.0):
                found.append(each)
        self.assertEqual((self.seqs(found), len(script.received)), ([1], 1))

    def test_leaving_the_loop_closes_the_connection(self) -> None:
        closed = threading.Event()

        def watch(handler: http.server.BaseHTTPRequestHandler) -> None:
            events(event(1))(handler)
            handler.connection.settimeout(20)
            if handler.connection.recv(1) == b"":
                closed.set()

        client, _ = self.client(watch)
        for _ in client.stream("run-1"):
            break
        self.assertTrue(closed.wait(20))

    def test_an_event_is_bounded(self) -> None:
        client, script = self.client(events(b"data: " + b"x" * 1000))
        with (
            patch("errand.MAX_ANSWER_BYTES", 500),
            self.assertRaisesRegex(ErrandError, "500 bytes"),
        ):
            list(client.stream("run-1"))
        self.assertEqual(len(script.received), 1)

    def test_wait_reads_the_run_after_its_end(self) -> None:
        client, _ = self.client(
            events(event(1), event(2, "end")), answer(200, {**HANDLE, "status": "SUCCESS"})
        )
        self.assertEqual(client.wait("run-1", timeout=20)["status"], "SUCCESS")

    def test_wait_ends_in_time(self) -> None:
        done = threading.Event()
        self.addCleanup(done.set)
        client, _ = self.client(events(event(1), then=done), *[hang_up] * 9)
        with self.assertRaisesRegex(WaitTimeout, "run-1 did not end within 0.3 s"):
            client.wait("run-1", timeout=0.3)

    def test_wait_ends_in_time_while_nothing_answers(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            client = Errand(f"http://127.0.0.1:{unused.getsockname()[1]}", KEY)
            with self.assertRaises(WaitTimeout):
                client.wait("run-1", timeout=0.3)


class Frames(unittest.TestCase):
    TEXT = (
        ": hello\r\n\r\nretry: 1500\n\nid: 1\nevent: step\ndata: é\u2028€\n\n"
        "event: step\r\ndata: a\r\ndata:  b\r\n\r\ndata:c\r\revent: nothing\n\ndata\ndata: 🎈\n\n"
    ).encode()

    def frames(self, *chunks: bytes) -> List[Tuple[str, str, Optional[float]]]:
        parser = errand._FrameParser()
        return [(*frame,) for chunk in chunks for frame in parser.feed(chunk)]

    def test_frames_are_the_same_at_every_boundary(self) -> None:
        whole = self.frames(self.TEXT)
        self.assertEqual(
            whole,
            [
                ("", "", 1.5),
                ("step", "é\u2028€", None),
                ("step", "a\n b", None),
                ("", "c", None),
                ("", "\n🎈", None),
            ],
        )
        for cut in range(len(self.TEXT) + 1):
            self.assertEqual(self.frames(self.TEXT[:cut], self.TEXT[cut:]), whole, cut)
            self.assertEqual(self.frames(self.TEXT[:cut], b"", self.TEXT[cut:]), whole, cut)
        self.assertEqual(self.frames(*(bytes([byte]) for byte in self.TEXT)), whole)

    def test_a_frame_without_its_end_is_none(self) -> None:
        self.assertEqual(self.frames(b"data: a\n\ndata: b\n"), [("", "a", None)])


class Webhooks(unittest.TestCase):
    # The example of the specification of Standard Webhooks.
    SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    BODY = b'{"test": 2432232314}'
    NOW = 1614265330
    HEADERS = {
        "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": str(NOW),
        "WEBHOOK-SIGNATURE": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }

    def verify(
        self, body: Any = BODY, secret: str = SECRET, now: float = NOW, **headers: str
    ) -> Any:
        changed = {name.lower(): value for name, value in self.HEADERS.items()}
        changed.update({name.replace("_", "-"): value for name, value in headers.items()})
        return verify_webhook(body, changed, secret, now=now)

    def test_the_example_is_verified(self) -> None:
        for body in (self.BODY, self.BODY.decode(), bytearray(self.BODY)):
            self.assertEqual(
                verify_webhook(body, self.HEADERS, self.SECRET, now=self.NOW), {"test": 2432232314}
            )

    def test_one_of_several_signatures_suffices(self) -> None:
        good = self.HEADERS["WEBHOOK-SIGNATURE"]
        other = "v1,AAAASsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE0="
        self.verify(webhook_signature=f"v1a,xyz v1,é v1 {other} {good}")

    def test_anything_else_is_refused(self) -> None:
        good = self.HEADERS["WEBHOOK-SIGNATURE"]
        for name, change in {
            "another body": {"body": self.BODY + b" "},
            "another secret": {"secret": "whsec_" + "A" * 32},
            "another id": {"webhook_id": "msg_2"},
            "another time": {"webhook_timestamp": str(self.NOW + 1)},
            "no signature": {"webhook_signature": ""},
            "no version": {"webhook_signature": good[3:]},
            "another version": {"webhook_signature": f"v2{good[2:]}"},
            "an empty signature": {"webhook_signature": "v1,"},
            "a time in words": {"webhook_timestamp": "now"},
            "a time with a sign": {"webhook_timestamp": f"+{self.NOW}"},
            "too old": {"now": self.NOW + 301},
            "too new": {"now": self.NOW - 301},
        }.items():
            with self.subTest(name), self.assertRaises(WebhookInvalid):
                self.verify(**change)  # type: ignore[arg-type]

    def test_a_secret_has_its_prefix(self) -> None:
        for secret in ("", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_é", "whsec_a"):
            with (
                self.subTest(secret),
                self.assertRaisesRegex(ValueError, "whsec_ followed by base64"),
            ):
                self.verify(secret=secret)


if __name__ == "__main__":
    unittest.main()
