"""Checks a file of /verify, or an erasure's receipt: python verify.py proof.json [--since OLDER.json] [--key ID ...].

Standard library alone, no trust in who made the file. It checks that the checkpoint is signed with the key in the file;
that each entry is in the tree that the checkpoint signs (RFC 6962) and is about the object named; that one of them
seals what the file says; and, with an older file, that nothing before its checkpoint has changed. Whoever forges a file
has a key of their own: name those you believe with --key, by their SHA-256 or 8 and more of its first digits. The bot's
address has them under /log, read from where nobody can write over them; a file that you kept has the one of then.
"""

import argparse
import base64
import hashlib
import hmac
import json
import sys
from pathlib import Path

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
A = P - 3
GX = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
GY = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5


def add(p, q):
    """The sum of two points of P-256; None is the point at infinity."""
    if p is None or q is None:
        return p or q
    if p[0] == q[0] and (p[1] + q[1]) % P == 0:
        return None
    rise, run = (3 * p[0] * p[0] + A, 2 * p[1]) if p == q else (q[1] - p[1], q[0] - p[0])
    slope = rise * pow(run, -1, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def times(k, p):
    found = None
    while k:
        found, p, k = (add(found, p) if k & 1 else found), add(p, p), k >> 1
    return found


def signed(key, message, signature):
    """ECDSA with SHA-256 (FIPS 186-4): ``key`` is a SubjectPublicKeyInfo, ``signature`` is DER."""
    point = int.from_bytes(key[-64:-32], "big"), int.from_bytes(key[-32:], "big")
    r_end = 4 + signature[3]
    r, s = int.from_bytes(signature[4:r_end], "big"), int.from_bytes(signature[r_end + 2 :], "big")
    if not (0 < r < N and 0 < s < N and key[-65] == 4):
        return False
    if (point[1] ** 2 - point[0] ** 3 - A * point[0] - (GY**2 - GX**3 - A * GX)) % P:
        return False
    digest, w = int.from_bytes(hashlib.sha256(message).digest(), "big"), pow(s, -1, N)
    found = add(times(digest * w % N, (GX, GY)), times(r * w % N, point))
    return found is not None and found[0] % N == r


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def included(leaf, index, size, proof):
    """The root that an audit path leads to (RFC 9162, 2.1.3.2)."""
    here, last, found = index, size - 1, hashlib.sha256(b"\x00" + leaf).digest()
    for sibling in proof:
        if here & 1 or here == last:
            found = node(sibling, found)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            found = node(found, sibling)
        here, last = here >> 1, last >> 1
    return found if last == 0 and index < size else None


def continues(old, old_root, new, new_root, proof):
    """Whether the tree of ``new`` leaves begins with that of ``old`` (RFC 9162, 2.1.4.2)."""
    if old == new or not proof:
        return old == new and old_root == new_root and not proof
    path = proof if old & (old - 1) else [old_root, *proof]
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if here & 1 or here == last:
            before, after = node(sibling, before), node(sibling, after)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            after = node(after, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and (before, after) == (old_root, new_root)


def checkpoint(document, wanted):
    """Size and root, once the signature holds."""
    key, note = base64.b64decode(document["public_key"]), document["checkpoint"]
    text, _, signatures = note.partition("\n\n")
    origin, size, root = text.split("\n")[:3]
    named, key_id = hashlib.sha256(key).hexdigest(), hashlib.sha256(key).digest()[:4]
    demand(not wanted or any(len(each) > 7 and named.startswith(each) for each in wanted), f"signed with key {named}")
    name, _, encoded = signatures.strip().removeprefix("\N{EM DASH} ").rpartition(" ")
    signature = base64.b64decode(encoded)
    demand(name == origin and signature[:4] == key_id, "the checkpoint is not signed with the key in the file")
    demand(signed(key, (text + "\n").encode(), signature[4:]), "the signature of the checkpoint does not hold")
    sys.stdout.write(f"checkpoint of {origin}: {size} entries, signed with key {key_id.hex()} ({named})\n")
    return int(size), base64.b64decode(root)


def demand(holds, otherwise):
    if not holds:
        sys.exit(f"NOT PROVEN: {otherwise}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file")
    arguments.add_argument("--since", help="an older file: nothing before its checkpoint may have changed")
    arguments.add_argument("--key", action="append", default=[], help="a key you believe; once more for another")
    given = arguments.parse_args()
    document = json.loads(Path(given.file).read_text("utf-8"))
    size, root = checkpoint(document, given.key)
    opening, name = bytes.fromhex(document["opening"]), document["object"]  # no opening: what is nobody's, a receipt
    content = json.dumps(document["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    seal = hmac.digest(opening, b"content|" + content, "sha256") if opening else hashlib.sha256(content).digest()
    seals = []
    for entry in document["entries"]:
        leaf, index = entry["leaf"].encode(), entry["index"]
        proof = [base64.b64decode(each) for each in entry["proof"]]
        demand(included(leaf, index, size, proof) == root, f"entry {index} is not in the signed log")
        told = json.loads(leaf)
        pseudonym = hmac.digest(opening, f"object|{name}".encode(), "sha256").hex() if opening else name
        demand(told["object"] == pseudonym, f"entry {index} is not about {name}")
        seals.append(told["seal"] or told["details"].get("receipt"))
        sys.stdout.write(f"entry {index}: {told['at']} {told['kind']} {json.dumps(told['details'])}\n")
    demand(seal.hex() in seals, f"no entry seals what the file says of {name}")
    if given.since:
        old_size, old_root = checkpoint(json.loads(Path(given.since).read_text("utf-8")), given.key)
        steps = document.get("consistency", {"from": size, "proof": []})
        demand(steps["from"] == old_size, f"ask for a file with /verify since:{old_size}")
        proof = [base64.b64decode(each) for each in steps["proof"]]
        demand(continues(old_size, old_root, size, root, proof), "the log was changed since the older file")
        sys.stdout.write(f"nothing among the first {old_size} entries has changed since\n")
    sys.stdout.write("PROVEN\n")


if __name__ == "__main__":
    main()
