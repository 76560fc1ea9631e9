# SPDX-License-Identifier: GPL-2.0-only
"""Clients that no library would be: client.py ADDRESS WHAT [ARGUMENT...]

ADDRESS is HOST:PORT or unix:PATH.  Each WHAT is a function of that name below;
status 0 when all was as it says there, else what was not, and 1.
"""
import base64
import random
import select
import socket
import sys
import threading
import time

GET = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n"
LIMIT = 60  # seconds after which what should have come does not come


def connect():
    if address.startswith("unix:"):
        s = socket.socket(socket.AF_UNIX)
        s.connect(address[5:])
    else:
        host, port = address.rsplit(":", 1)
        s = socket.create_connection((host, int(port)))
    s.settimeout(LIMIT)
    return s


def answer(s):
    """One answer: its status, its headers, its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = s.recv(65536)
        assert more, "closed after %r" % data[:200]
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode("latin1").split("\r\n")
    headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
    while len(body) < int(headers["content-length"]):
        more = s.recv(65536)
        assert more, "closed in the body"
        body += more
    return int(lines[0].split()[1]), headers, body


def get(path=b"/empty", s=None):
    own = s or connect()
    own.sendall(GET % path)
    got = answer(own)
    if not s:
        own.close()
    return got


def pipelined():
    """A hundred requests in one write: as many answers, in their order, on one connection."""
    s = connect()
    paths = [b"/openmetrics" if i % 3 else b"/empty" for i in range(100)]
    s.sendall(b"".join(GET % p for p in paths))
    data, want = b"", b"".join(b"no\n" if p == b"/openmetrics" else b"" for p in paths)
    while data.count(b"HTTP/1.1 200 OK") < 100 or not data.endswith((b"\r\n\r\n", b"no\n")):
        more = s.recv(65536)
        assert more, "closed"
        data += more
    assert b"".join(part.split(b"\r\n\r\n", 1)[1] for part in data.split(b"HTTP/1.1 200 OK")[1:]) == want


def many(count):
    """So many requests, each a fifth of them on a connection of their own."""
    s = connect()
    for i in range(int(count)):
        if i % 5:
            assert get(b"/page", s)[0] == 200
        else:
            assert get()[0] == 200


def at_once(count):
    """So many clients at once, each gets its page."""
    page = get(b"/page")[2]
    wrong = []
    start = threading.Barrier(int(count))

    def one():
        try:
            start.wait()
            if get(b"/page")[2] != page:
                wrong.append("another page")
        except Exception as e:
            wrong.append(repr(e))

    threads = [threading.Thread(target=one) for _ in range(int(count))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong, wrong


def half_open(count):
    """So many connections that never finish their request; clients that do get their pages at once."""
    steady = connect()
    assert get(b"/page", steady)[0] == 200
    waiting = []
    for i in range(int(count)):
        s = connect()
        s.sendall(b"GET / HTTP/1.1\r\nHo"[: i % 18])
        waiting.append(s)
        if i % 50 == 0:
            assert get()[0] == 200
        if i % 10 == 0:
            assert get(b"/empty", steady)[0] == 200
    assert get(b"/page")[0] == 200
    # room was made at once: none of it took as long as an idle connection has
    assert get(b"/page", steady)[0] == 200
    # those that had to go are the ones that came first
    closed = [i for i, s in enumerate(waiting) if ended(s, 0)]
    if int(count) > 256:
        assert closed and closed == list(range(len(closed))), closed
        assert len(closed) < int(count) - 200, closed


def ended(s, seconds):
    """Whether the other side has closed, within so much time; what it had sent is not read."""
    p = select.poll()
    p.register(s, select.POLLRDHUP)
    return bool(p.poll(seconds * 1000))


def slow():
    """Who sends a byte now and then, who sends none, who asks for nothing more: the server ends all of them;
    as it does with who never reads its answer.  A client meanwhile gets its page."""
    drip, silent, idle, deaf = connect(), connect(), connect(), connect()
    assert get(b"/page", idle)[0] == 200
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for _ in range(16):
        deaf.sendall(GET % b"/page")
    left = {"drip": drip, "silent": silent, "idle": idle, "deaf": deaf}
    request = (GET % b"/empty" + b"X: " + b"a" * 1000)[:1000]
    drip.sendall(request[:1])
    for i in range(1, 10 * LIMIT):
        left = {name: s for name, s in left.items() if not ended(s, 0)}
        if not left:
            break
        assert get(b"/openmetrics")[2] == b"no\n"
        if "drip" in left:
            try:
                drip.sendall(b"a" if i > 50 else request[i : i + 1] if i < 20 else b"b")
            except OSError:
                del left["drip"]
        # the pace of the client, not a wait for the server
        time.sleep(0.1)
    assert not left, "still open: %s" % " ".join(left)


def deaf(count):
    """So many clients that ask for a page and never read, and stay while this asks for others.  The
    kernel keeps little for each of them."""
    keep = []
    for _ in range(int(count)):
        s = connect()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.sendall(GET % b"/page")
        keep.append(s)
        # one after another, so that the server has its turn in between
        assert get()[0] == 200
    for _ in range(100):
        assert get(b"/page")[0] == 200
    port = "%04X" % int(address.rsplit(":", 1)[1])
    with open("/proc/net/tcp", encoding="ascii") as f:
        rows = [line.split() for line in f]
    queues = [int(r[4].split(":")[0], 16) for r in rows if r[1].endswith(":" + port)]
    assert max(queues) > 0, "nobody was sent anything"
    assert max(queues) < 1 << 20, "%d bytes for one" % max(queues)


def half_closed(count):
    """So many clients that close their side within a request are ended before one that came earlier and is
    silent; who has asked for all it wants gets it first."""
    silent = connect()
    page = get(b"/page")[2]
    waiting = []
    for i in range(int(count)):
        s = connect()
        s.sendall(GET % b"/page" * 2 if i % 2 else b"GET / HT")
        s.shutdown(socket.SHUT_WR)
        waiting.append(s)
    for i, s in enumerate(waiting):
        data = b""
        while True:
            some = s.recv(1 << 20)
            if not some:
                break
            data += some
        parts = data.split(b"HTTP/1.1 200 OK")[1:]
        assert [part.split(b"\r\n\r\n", 1)[1] for part in parts] == ([page] * 2 if i % 2 else []), i
    assert not ended(silent, 0), "they were ended as who is silent"


def guessed(right, count):
    """While so many clients of another address guess passwords of ann, all the time, who has the RIGHT one for the
    first time gets its page at once."""
    ask = b"GET /page HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\n\r\n"
    host, port = address.rsplit(":", 1)
    stop, refused = threading.Event(), threading.Event()

    def guess(i):
        s = socket.create_connection((host, int(port)), source_address=("127.0.0.2", 0))
        for n in range(1 << 30):
            s.sendall(ask % base64.b64encode(b"ann:%d %d" % (i, n)))
            if answer(s)[0] == 503:
                refused.set()
            if stop.is_set():
                break
        s.close()

    threads = [threading.Thread(target=guess, args=(i,)) for i in range(int(count))]
    for t in threads:
        t.start()
    assert refused.wait(LIMIT), "nobody was refused"
    s = connect()
    s.sendall(ask % base64.b64encode(b"ann:" + right.encode()))
    code = answer(s)[0]
    stop.set()
    for t in threads:
        t.join()
    assert code == 200, code


def judged_late(count):
    """So many clients wait for one password, others before them for more: all are told to come again."""
    ask = b"GET /page HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\n\r\n"
    first = []
    for i in range(3):
        first.append(connect())
        first[-1].sendall(ask % base64.b64encode(b"slow:%d" % i))
    waiting = [connect() for _ in range(int(count))]
    for s in waiting:
        s.sendall(ask % base64.b64encode(b"slow:password"))
    for s in waiting:
        code, headers, _ = answer(s)
        assert code == 503 and headers["retry-after"] == "1", code


def garbage(seed):
    """Bytes of all kinds: an error or an end, and the server is there as before."""
    r = random.Random(int(seed))
    words = [b"GET ", b"HEAD ", b"POST ", b"/", b"/page", b"?", b"%00", b"%", b" HTTP/1.1", b" HTTP/1.0", b" HTTP/9.9",
             b"\r\n", b"\n", b"\r", b"\0", b"Host: x", b"Content-Length: ", b"-1", b"99999999999999999999",
             b"Transfer-Encoding: chunked", b"Connection: upgrade", b"Expect: 100-continue", b": ", b"\xff" * 9,
             b"A" * 5000, b" ", b"\t", b"5\r\nhello\r\n0\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01"]
    for _ in range(300):
        s = connect()
        data = b"".join(r.choice(words) for _ in range(r.randrange(1, 40)))
        if r.random() < 0.3:
            data = bytes(r.randrange(256) for _ in range(r.randrange(1, 3000)))
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        # what it says, when it has had its turn: it may as well wait for more
        assert get()[0] == 200
        s.setblocking(False)
        try:
            said = s.recv(65536)
        except OSError:
            said = b""
        assert not said or said.startswith(b"HTTP/1."), said
        s.close()
    assert get(b"/page")[0] == 200


def status(want, head):
    """What is written in HEAD (with \\r\\n and the like) is answered with this status, or closed for 0."""
    s = connect()
    try:
        s.sendall(head.encode().decode("unicode_escape").encode("latin1"))
    except OSError:
        pass
    try:
        got = answer(s)[0]
    except (AssertionError, OSError):
        got = 0
    assert got == int(want), "%s, not %s" % (got, want)


def big(want, size):
    """A request with a header of so many bytes."""
    status(want, "GET /empty HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n" % ("a" * int(size)))


def uri(want, size):
    """A request with a path of so many bytes."""
    status(want, "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % ("a" * int(size)))


def tiny(want, count):
    """A request with so many small headers."""
    status(want, "GET /empty HTTP/1.1\r\nHost: x\r\n%s\r\n" % ("a:b\r\n" * int(count)))


address = sys.argv[1]
try:
    globals()[sys.argv[2]](*sys.argv[3:])
except AssertionError as e:
    sys.exit("client.py: %s: %s" % (sys.argv[2], e))
