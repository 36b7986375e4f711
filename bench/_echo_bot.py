"""The smallest bot there is: Flask and discord-interactions, answering every command with a sentence."""

from __future__ import annotations

import sys
from typing import Any

from discord_interactions import verify_key_decorator
from flask import Flask, jsonify, request

app = Flask(__name__)
KEY, PORT = sys.argv[1], int(sys.argv[2])


@app.post("/discord/interactions")
@verify_key_decorator(KEY)  # type: ignore[untyped-decorator]
def interactions() -> Any:
    kind = request.json["type"] if request.json else 1
    return jsonify({"type": 8, "data": {"choices": []}} if kind == 4 else {"type": 4, "data": {"content": "echo"}})


if __name__ == "__main__":
    app.run("127.0.0.1", PORT, threaded=True)
