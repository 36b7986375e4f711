"""The control: what a function that does nothing costs under the same runtime client."""


def handler(_event: object, _context: object) -> dict[str, object]:
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": '{"type":1}'}
