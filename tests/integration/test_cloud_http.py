"""The HTTP API: payload 2.0 in both modes, and over a real socket."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from dbsbm.core.http import HttpRequest, HttpResponse
from local.cloud import Cloud, HttpServer
from tests.integration.toy_cloud import toy_cloud

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module", params=["in_process", "processes"])
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    with toy_cloud(request.param) as running:
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[HttpServer]:
    with toy_cloud("processes") as cloud:
        server = HttpServer(cloud)
        yield server
        server.stop()


def _post(cloud: Cloud, body: bytes, headers: dict[str, str], query: str = "") -> HttpResponse:
    return cloud.http(HttpRequest("POST", f"http://api.local/mirror{query}", headers, body))


def _event(cloud: Cloud, body: bytes, headers: dict[str, str], query: str = "") -> Any:
    return json.loads(_post(cloud, body, headers, query).body)


def test_json_stays_text_byte_by_byte(cloud: Cloud) -> None:
    body = '{ "a" :1,\n"b":"ü" }'
    event = _event(cloud, body.encode(), JSON)
    assert (event["body"], event["isBase64Encoded"]) == (body, False)
    assert event["version"] == "2.0"
    assert event["routeKey"] == "POST /mirror"
    assert event["requestContext"]["http"]["method"] == "POST"
    assert event["headers"]["host"] == "api.local"


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/octet-stream"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {},
    ],
)
def test_what_is_not_text_comes_in_base64(cloud: Cloud, headers: dict[str, str]) -> None:
    event = _event(cloud, b"a=1\xff\x00", headers)
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == b"a=1\xff\x00"


def test_text_that_is_not_utf8_keeps_every_byte(cloud: Cloud) -> None:
    event = _event(cloud, b"\xff\xfe", {"content-type": "text/plain"})
    assert base64.b64decode(event["body"]) == b"\xff\xfe"


def test_no_body_is_no_body(cloud: Cloud) -> None:
    event = _event(cloud, b"", JSON)
    assert "body" not in event
    assert event["isBase64Encoded"] is False


def test_query_values_are_joined_and_the_raw_query_kept(cloud: Cloud) -> None:
    event = _event(cloud, b"{}", JSON, "?a=1&b=x%20y&a=2")
    assert event["rawQueryString"] == "a=1&b=x%20y&a=2"
    assert event["queryStringParameters"] == {"a": "1,2", "b": "x y"}


def test_a_bare_result_is_a_json_answer(cloud: Cloud) -> None:
    answer = _post(cloud, b"{}", JSON, "?answer=plain")
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "application/json", b'{"bare": true}')


def test_a_base64_result_becomes_bytes_and_header_names_lower_case(cloud: Cloud) -> None:
    answer = _post(cloud, b"{}", JSON, "?answer=bytes")
    assert (answer.status, answer.headers["x-kind"], answer.body) == (201, "bytes", b"\x00\x01\x02\xff")


@pytest.mark.parametrize("answer", ["nonsense", "raise"])
def test_a_failed_function_or_a_malformed_result_is_a_500_without_details(cloud: Cloud, answer: str) -> None:
    response = _post(cloud, b"{}", JSON, f"?answer={answer}")
    assert (response.status, json.loads(response.body)) == (500, {"message": "Internal Server Error"})


@pytest.mark.parametrize(("method", "path"), [("GET", "/mirror"), ("POST", "/"), ("POST", "/mirror/more")])
def test_an_unknown_route_is_a_404(cloud: Cloud, method: str, path: str) -> None:
    response = cloud.http(HttpRequest(method, f"http://api.local{path}"))
    assert (response.status, json.loads(response.body)) == (404, {"message": "Not Found"})


def test_more_than_ten_megabytes_is_a_413(cloud: Cloud) -> None:
    response = _post(cloud, b" " * (10 * 1024 * 1024 + 1), JSON)
    assert (response.status, json.loads(response.body)) == (413, {"message": "Request Entity Too Large"})


def test_over_a_socket_header_names_are_lower_case_and_duplicates_joined(server: HttpServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.putrequest("POST", "/mirror")
    for name, value in (("X-Signature-Ed25519", "ab"), ("X-More", "1"), ("x-more", "2"), ("Cookie", "a=1; b=2")):
        connection.putheader(name, value)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", "2")
    connection.endheaders(b"{}")
    event = json.loads(connection.getresponse().read())
    assert event["headers"]["x-signature-ed25519"] == "ab"
    assert event["headers"]["x-more"] == "1,2"
    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]
    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"
    connection.request("GET", "/nowhere")
    assert connection.getresponse().status == 404
    connection.close()


def test_over_a_socket_an_oversize_body_is_refused_in_words(server: HttpServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("POST", "/mirror", b"x" * (11 * 1024 * 1024), JSON)
    assert connection.getresponse().status == 413
    connection.close()


def test_over_a_socket_chunks_are_put_together(server: HttpServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("POST", "/mirror", iter([b'{"a"', b":1}"]), JSON, encode_chunked=True)
    assert json.loads(connection.getresponse().read())["body"] == '{"a":1}'
    connection.close()


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\r\n\r\n", b"POST\r\n\r\n", b"POST / HTTP/1.1\r\nno colon\r\n\r\n"])
def test_over_a_socket_what_is_not_http_is_a_400(server: HttpServer, garbage: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as peer:
        peer.sendall(garbage)
        assert peer.recv(100).startswith(b"HTTP/1.1 400 ")
