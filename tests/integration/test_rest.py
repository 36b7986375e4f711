"""The REST client over a real socket: what leaves, and how answers are read."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from dbsbm.core.errors import DiscordError, DiscordUnavailableError
from dbsbm.core.http import HttpRequest, TransportError
from dbsbm.core.transport import PooledTransport
from dbsbm.discord.rest import DiscordClient, DiscordInDoubtError, File
from dbsbm.wiring import build


class Recorder(ThreadingHTTPServer):
    """Answers every request with ``answer`` and remembers what came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: tuple[int, dict[str, str], bytes] = (200, {}, b"{}")
        self.seen: list[tuple[str, str, Message, bytes]] = []
        self.connections: set[int] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Recorder

    def handle_one_request(self) -> None:
        self.server.connections.add(self.client_address[1])
        super().handle_one_request()

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.seen.append((self.command, self.path, self.headers, body))
        status, headers, content = self.server.answer
        if status == 0:  # hang up without an answer
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any  # noqa: N815 — http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@pytest.fixture
def server() -> Iterator[Recorder]:
    recorder = Recorder()
    thread = threading.Thread(target=recorder.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield recorder
    recorder.shutdown()
    thread.join()
    recorder.server_close()


@pytest.fixture
def client(server: Recorder) -> DiscordClient:
    return DiscordClient(PooledTransport(), f"{server.url}/api/v10/", lambda: "bot-token")


def test_call_carries_user_agent_and_bot_token(server: Recorder, client: DiscordClient) -> None:
    server.answer = (200, {}, b'{"id": "1"}')
    assert client.create_message(5, {"components": []}) == {"id": "1"}
    method, path, headers, body = server.seen[0]
    assert (method, path) == ("POST", "/api/v10/channels/5/messages")
    assert headers["user-agent"].startswith("DiscordBot (https://")
    assert headers["authorization"] == "Bot bot-token"
    assert json.loads(body) == {"components": []}


def test_webhook_and_interaction_calls_carry_no_bot_token(server: Recorder, client: DiscordClient) -> None:
    client.execute_webhook(1, "token", {})
    client.edit_webhook_message(1, "token", 2, {})
    client.edit_original(1, "token", {})
    client.follow_up(1, "token", {})
    assert [headers["authorization"] for _, _, headers, _ in server.seen] == [None] * 4
    assert [(method, path) for method, path, _, _ in server.seen] == [
        ("POST", "/api/v10/webhooks/1/token?wait=true&with_components=true"),
        ("PATCH", "/api/v10/webhooks/1/token/messages/2?with_components=true"),
        ("PATCH", "/api/v10/webhooks/1/token/messages/@original"),
        ("POST", "/api/v10/webhooks/1/token"),
    ]


def test_files_travel_beside_the_json_with_their_descriptions(server: Recorder, client: DiscordClient) -> None:
    picture = b"\x89PNG\r\n\x1a\n--dbsbm-\r\n\x00\xff"
    client.edit_message(5, 6, {"components": [], "attachments": []}, [File("slip.png", picture, "Chiefs −3 ✔")])
    _, _, headers, body = server.seen[0]
    parsed = BytesParser().parsebytes(b"content-type: " + headers["content-type"].encode() + b"\r\n\r\n" + body)
    parts = parsed.get_payload()
    assert isinstance(parts, list)
    payload, file = parts
    assert isinstance(payload, Message)
    assert isinstance(file, Message)
    assert payload.get_param("name", header="content-disposition") == "payload_json"
    sent = json.loads(bytes(payload.get_payload(decode=True)))
    assert sent["attachments"] == [{"id": 0, "filename": "slip.png", "description": "Chiefs −3 ✔"}]
    assert file.get_param("name", header="content-disposition") == "files[0]"
    assert file.get_filename() == "slip.png"
    assert picture in body


def test_connection_is_kept_between_calls(server: Recorder, client: DiscordClient) -> None:
    for _ in range(5):
        client.create_message(5, {})
    assert len(server.connections) == 1


@pytest.mark.parametrize(
    ("headers", "body", "wait_s"),
    [
        ({"Retry-After": "2"}, {"retry_after": 1.25}, 2.0),
        ({}, {"retry_after": 0.35}, 0.35),
        ({"Retry-After": "17"}, {}, 17.0),
        ({}, {}, 300.0),
        ({"Retry-After": "nonsense"}, {"retry_after": None}, 300.0),
    ],
)
def test_rate_limit_says_how_long_to_wait(
    server: Recorder, client: DiscordClient, headers: dict[str, str], body: dict[str, Any], wait_s: float
) -> None:
    server.answer = (429, headers, json.dumps(body).encode())
    with pytest.raises(DiscordUnavailableError) as raised:
        client.create_message(5, {})
    assert raised.value.retry_after_s == wait_s
    assert not isinstance(raised.value, DiscordInDoubtError)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [(403, b"<html>error code: 1020</html>"), (403, b'{"code": 40333, "message": "internal network error"}')],
)
def test_refusal_on_the_way_is_not_discords_last_word(
    server: Recorder, client: DiscordClient, status: int, body: bytes
) -> None:
    server.answer = (status, {}, body)
    with pytest.raises(DiscordUnavailableError) as raised:
        client.create_message(5, {})
    assert raised.value.retry_after_s == 300.0


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_error_leaves_the_call_in_doubt(server: Recorder, client: DiscordClient, status: int) -> None:
    server.answer = (status, {}, b"<html>")
    with pytest.raises(DiscordInDoubtError) as raised:
        client.create_message(5, {})
    assert raised.value.status == status
    assert len(server.seen) == 1


def test_hanging_up_leaves_the_call_in_doubt(server: Recorder, client: DiscordClient) -> None:
    server.answer = (0, {}, b"")
    with pytest.raises(DiscordInDoubtError):
        client.create_message(5, {})
    assert len(server.seen) == 1


def test_refused_connection_certainly_had_no_effect(server: Recorder) -> None:
    away = DiscordClient(PooledTransport(), "http://127.0.0.1:1", lambda: "bot-token")
    with pytest.raises(DiscordUnavailableError) as raised:
        away.create_message(5, {})
    assert not isinstance(raised.value, DiscordInDoubtError)


def test_refusal_carries_discords_code_and_the_wrong_field(server: Recorder, client: DiscordClient) -> None:
    problem = {"code": 50035, "message": "Invalid Form Body", "errors": {"nonce": {"_errors": [{"code": "X"}]}}}
    server.answer = (400, {}, json.dumps(problem).encode())
    with pytest.raises(DiscordError, match="nonce") as raised:
        client.create_message(5, {})
    assert (raised.value.status, raised.value.discord_code) == (400, 50035)
    assert not raised.value.retryable


def test_empty_answer_is_none(server: Recorder, client: DiscordClient) -> None:
    server.answer = (204, {}, b"")
    client.set_role(1, 2, 3, held=False)
    assert server.seen[0][:2] == ("DELETE", "/api/v10/guilds/1/members/2/roles/3")


def test_redirect_is_not_followed(server: Recorder) -> None:
    server.answer = (302, {"location": f"{server.url}/elsewhere"}, b"")
    assert PooledTransport()(HttpRequest("GET", f"{server.url}/here")).status == 302
    assert len(server.seen) == 1


def test_silence_ends_after_the_time_given_and_leaves_the_call_in_doubt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TransportError) as raised:
        PooledTransport()(HttpRequest("GET", f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout_s=0.05))
    assert raised.value.sent


def test_secret_is_read_once_from_secrets_manager_unless_given_plainly(server: Recorder) -> None:
    server.answer = (200, {}, json.dumps({"SecretString": "from the manager"}).encode())
    environ = {
        "DISCORD_BOT_TOKEN_SECRET": "dbsbm-local-discord-bot-token",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    environment = build(environ)
    assert environment.secret("discord_bot_token") == "from the manager"
    assert environment.secret("discord_bot_token") == "from the manager"
    (call,) = server.seen
    assert call[2]["x-amz-target"] == "secretsmanager.GetSecretValue"
    assert json.loads(call[3]) == {"SecretId": "dbsbm-local-discord-bot-token", "VersionStage": "AWSCURRENT"}
    assert build({**environ, "DISCORD_BOT_TOKEN": "plain"}).secret("discord_bot_token") == "plain"
    assert len(server.seen) == 1
