"""What schemathesis is told of a hub: who asks, which ids exist, and what must never come back.

`KEND_ADDRESS` is the hub; `KEND_NATIONAL`, `KEND_ASKING` are `name:password` of somebody who sees everything and of the
supervisor who asks, whose rayon is `KEND_RAYON`. Requests get ids and question names that exist, the asking person's and other people's, so that they reach
past the first check. Whatever comes back must hold no word of an interview outside of the asking person's areas.
"""

import os
import zlib

import requests
import schemathesis

ADDRESS = os.environ["KEND_ADDRESS"]
# Shorter texts are names of choices, which everybody knows.
SHORTEST_MARKER = 20


def session(account):
    name, password = os.environ[account].split(":", 1)
    signed_in = requests.post(f"{ADDRESS}/api/sign_in", json={"name": name, "password": password}, timeout=30)
    signed_in.raise_for_status()
    return {"Cookie": f"kend_session={signed_in.cookies['kend_session']}"}


def ask(who, command, request):
    answer = requests.post(f"{ADDRESS}/api/{command}", json=request, headers=who, timeout=30)
    answer.raise_for_status()
    return answer.json()


def answers(value):
    """All (question, answer) pairs anywhere in a view."""
    if isinstance(value, dict):
        if isinstance(value.get("path"), str) and "value" in value:
            yield value["path"], value["value"]
        for inner in value.values():
            yield from answers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from answers(inner)


NATIONAL = session("KEND_NATIONAL")
ASKING = session("KEND_ASKING")
# Whose an interview is comes from where it was held, not from what the asking person is shown.
RAYONS = {view["interview"]: view["rayon_name"] for view in ask(NATIONAL, "list_interviews", {})}
ALL = set(RAYONS)
OWN = {interview for interview, rayon in RAYONS.items() if rayon == os.environ["KEND_RAYON"]}
FOREIGN = ALL - OWN
CONTENT = {interview: dict(answers(ask(NATIONAL, "open_interview", {"interview": interview}))) for interview in ALL}


def texts(interviews):
    every = (answer for interview in interviews for answer in CONTENT[interview].values())
    return {answer for answer in every if isinstance(answer, str) and len(answer) >= SHORTEST_MARKER}


MARKERS = texts(FOREIGN) - texts(OWN)
QUESTIONS = sorted({question for content in CONTENT.values() for question in content})
INTERVIEWS = sorted(ALL)
VILLAGES = sorted({view["village"] for view in ask(NATIONAL, "list_villages", {"near": None})})
# Without these the run would prove nothing.
assert OWN and FOREIGN and MARKERS and QUESTIONS and VILLAGES, "the examples give nothing to look for"
KNOWN = {"interview": INTERVIEWS, "village": VILLAGES, "path": QUESTIONS}


@schemathesis.hook
def map_body(context, body):
    if not isinstance(body, dict):
        return body
    # The same body always becomes the same request, so that a failure can be had again.
    place = zlib.crc32(repr(sorted(body.items(), key=str)).encode())
    if place % 4 == 0:
        return body
    return {key: KNOWN[key][place % len(KNOWN[key])] if key in KNOWN else value for key, value in body.items()}


@schemathesis.serializer("application/partial-upload", "application/vnd.kend.v1")
def as_bytes(context, value):
    """What devices send is no JSON. Unsigned as it is, every request of this kind must be refused."""
    return value if isinstance(value, bytes) else repr(value).encode()


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers = {**(case.headers or {}), **ASKING}


@schemathesis.check
def keeps_to_the_areas(context, response, case):
    said = response.content.decode("utf-8", "replace")
    leaked = [marker for marker in MARKERS if marker in said]
    if response.status_code == 200:
        leaked += [interview for interview in FOREIGN if interview in said]
    assert not leaked, f"{case.operation.path} tells of an interview elsewhere: {leaked[:3]}"
