"""What servers and networks do to downloads: one plain line, nothing at the final path, and the next run goes on."""

import errno
import hashlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from failing_disk import failing, no_file_beyond
from web import LOCK, POLICY, File, Status, Web, chunked, redirect, store

from seqline import files
from seqline.errors import FetchError, InputError, MismatchError, MissingError, SeqlineError
from seqline.fetching.store import Kept, Wanted
from seqline.params.network import Network

BODY = bytes(range(256)) * 40
SUM = hashlib.sha256(BODY).hexdigest()


def get(root: Path, url: str, policy: Network = POLICY, sha256: str | None = None) -> Kept:
    (kept,) = store(root, policy).get_all([Wanted(url, sha256)])
    return kept


def whole_files(root: Path) -> list[str]:
    names = [path.name for path in (root / "downloads").glob("*")]
    return [name for name in names if not name.startswith(".") and not name.endswith((".part", ".part.json"))]


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[Path]:
    """A root where, at the end of the test, no file and no pin may stand."""
    yield tmp_path
    assert whole_files(tmp_path) == []
    assert not (tmp_path / LOCK).exists()


def test_a_body_that_is_cut_is_resumed_where_it_broke(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", File(BODY, cut=5000), File(BODY, cut=3000), File(BODY))
    assert get(tmp_path, url).path.read_bytes() == BODY
    assert [headers.get("Range") for headers in web.headers] == [None, "bytes=5000-", "bytes=8000-"]
    assert [headers.get("If-Range") for headers in web.headers] == [None, '"1"', '"1"']


def test_a_body_that_is_always_cut_is_an_error_and_its_part_is_kept(refused: Path, web: Web) -> None:
    url = web.give("/x", File(BODY, cut=5000, ranges=False))
    with pytest.raises(FetchError, match="given up after 3 attempts, what came is kept for the next run"):
        get(refused, url)
    assert web.asked == ["GET /x"] * 3


def test_a_connection_that_breaks_often_but_brings_something_is_not_given_up(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", File(BODY, cut=900))
    assert get(tmp_path, url).path.read_bytes() == BODY
    assert len(web.asked) > POLICY.attempts


def test_a_content_length_that_is_too_long_is_an_early_end(refused: Path, web: Web) -> None:
    with pytest.raises(FetchError, match="given up"):
        get(refused, web.give("/x", File(BODY, announced=len(BODY) + 7, ranges=False)))


def test_a_server_that_ignores_ranges_is_read_from_the_start(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", File(BODY, cut=5000), File(BODY, ranges=False))
    assert get(tmp_path, url).pin.sha256 == SUM


def test_content_that_changes_in_the_middle_is_read_from_the_start(tmp_path: Path, web: Web) -> None:
    other = BODY[::-1]
    url = web.give("/x", File(BODY, cut=5000), File(other, etag='"2"'))
    assert get(tmp_path, url).path.read_bytes() == other


class IgnoresIfRange(File):
    def _start(self, handler: object) -> int:
        wish = handler.headers.get("Range", "bytes=0-")  # type: ignore[attr-defined]
        return int(wish.removeprefix("bytes=").rstrip("-"))


def test_the_rest_of_another_version_is_not_sewn_on(tmp_path: Path, web: Web) -> None:
    other = BODY[::-1]
    url = web.give("/x", File(BODY, cut=5000), IgnoresIfRange(other, etag='"2"'))
    assert get(tmp_path, url).path.read_bytes() == other


def test_a_rest_that_begins_elsewhere_is_not_sewn_on(tmp_path: Path, web: Web) -> None:
    elsewhere = Status(206, {"ETag": '"1"', "Content-Range": f"bytes 100-{len(BODY) - 1}/{len(BODY)}"}, BODY[100:])
    url = web.give("/x", File(BODY, cut=5000), elsewhere, File(BODY))
    assert get(tmp_path, url).path.read_bytes() == BODY


def test_parts_that_do_not_fit_together_are_found_by_the_pinned_sum_and_fetched_anew(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", File(BODY[::-1], cut=5000, ranges=False), Status(404), IgnoresIfRange(BODY))
    with pytest.raises(MissingError):
        get(tmp_path, url, sha256=SUM)
    assert get(tmp_path, url, sha256=SUM).path.read_bytes() == BODY
    assert web.headers[2]["Range"] == "bytes=5000-"


def test_a_body_of_unknown_length_that_is_cut_is_noticed_and_resumed(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", chunked(BODY[:5000], whole=False), File(BODY))
    assert get(tmp_path, url).path.read_bytes() == BODY
    assert web.headers[1]["Range"] == "bytes=5000-"


def test_a_server_that_has_no_more_than_what_came_is_read_from_the_start(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", chunked(BODY, whole=False), Status(416), File(BODY))
    assert get(tmp_path, url).path.read_bytes() == BODY
    assert [headers.get("Range") for headers in web.headers] == [None, f"bytes={len(BODY)}-", None]


def test_a_body_of_unknown_length_is_whole_at_its_last_chunk(tmp_path: Path, web: Web) -> None:
    assert get(tmp_path, web.give("/x", chunked(BODY, whole=True))).pin.bytes == len(BODY)


def test_without_a_version_nothing_is_resumed(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", File(BODY, etag="", cut=5000), File(BODY, etag='W/"weak"', cut=5000), File(BODY))
    assert get(tmp_path, url).pin.sha256 == SUM
    assert not any("Range" in headers for headers in web.headers)


@pytest.mark.parametrize("status", [404, 410])
def test_what_does_not_exist_is_asked_for_once(refused: Path, web: Web, status: int) -> None:
    with pytest.raises(MissingError, match=rf"/x: the server has no such file \({status}\); correct the URL"):
        get(refused, web.give("/x", Status(status)))
    assert web.asked == ["GET /x"]


@pytest.mark.parametrize("status", [400, 401, 403, 451, 204])
def test_a_refusal_is_not_argued_with(refused: Path, web: Web, status: int) -> None:
    with pytest.raises(InputError, match=f"the server answers {status}"):
        get(refused, web.give("/x", Status(status)))
    assert web.asked == ["GET /x"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(tmp_path: Path, web: Web, status: int) -> None:
    assert get(tmp_path, web.give("/x", Status(status), File(BODY))).pin.sha256 == SUM


def test_a_failure_that_stays_is_told_with_the_number_of_attempts(refused: Path, web: Web) -> None:
    with pytest.raises(FetchError, match="/x: the server answers 500; given up after 3 attempts") as caught:
        get(refused, web.give("/x", Status(500)))
    assert caught.value.exit_code == 1
    assert web.asked == ["GET /x"] * 3


def test_retry_after_is_waited_for(tmp_path: Path, web: Web) -> None:
    policy = POLICY.model_copy(update={"max_wait_s": 1.0})
    begin = time.monotonic()
    get(tmp_path, web.give("/x", Status(429, {"Retry-After": "1"}), File(BODY)), policy)
    assert 1.0 <= time.monotonic() - begin < 3.0


def test_a_retry_after_beyond_the_bound_is_given_up_at_once(refused: Path, web: Web) -> None:
    with pytest.raises(FetchError, match=r"answers 429 and asks to wait 3600 s, more than download.network.max_wait_s"):
        get(refused, web.give("/x", Status(429, {"Retry-After": "3600"})))
    assert web.asked == ["GET /x"]


def test_a_server_that_trickles_is_stopped_by_the_deadline_and_resumed_later(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", File(BODY, byte_every_s=0.05), File(BODY))
    begin = time.monotonic()
    with pytest.raises(FetchError, match=r"within download.network.deadline_s \(0.7\); \d+ of 10,240 bytes came"):
        get(tmp_path, url, POLICY.model_copy(update={"deadline_s": 0.7}))
    assert 0.6 < time.monotonic() - begin < 1.5
    assert whole_files(tmp_path) == []
    assert get(tmp_path, url).pin.sha256 == SUM
    assert int(web.headers[1]["Range"].removeprefix("bytes=").rstrip("-")) >= 5


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: "], ids=["silence", "endless headers"])
def test_a_server_without_end_is_stopped_by_the_deadline(refused: Path, said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        code = (
            "import socket, sys, time\n"
            f"peer, _ = socket.socket(fileno={listener.fileno()}).accept()\n"
            f"peer.sendall({said!r})\n"
            f"while True: peer.sendall({said[:1]!r}); time.sleep(0.05)"
        )
        process = subprocess.Popen([sys.executable, "-c", code], pass_fds=[listener.fileno()])
        try:
            begin = time.monotonic()
            with pytest.raises(FetchError, match="not whole within"):
                get(refused, url, POLICY.model_copy(update={"deadline_s": 1.0, "idle_timeout_s": 5.0}))
            assert time.monotonic() - begin < 2.0
        finally:
            process.kill()
            process.wait()


def test_a_server_that_falls_silent_is_asked_again(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", File(BODY, byte_every_s=3.0), File(BODY))
    assert get(tmp_path, url, POLICY.model_copy(update={"idle_timeout_s": 0.3})).pin.sha256 == SUM


def test_a_closed_port_is_an_error_with_the_url(refused: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    with pytest.raises(FetchError, match=r"/x: .*refused; given up after 3 attempts"):
        get(refused, url)


def test_a_proxy_of_the_environment_is_not_asked(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert get(tmp_path, web.give("/x", File(BODY))).pin.sha256 == SUM
    assert web.asked == ["GET /x"]


@pytest.mark.parametrize(("exempt", "told"), [("", True), ("example.org", True), ("127.0.0.1", False), ("*", False)])
def test_where_no_server_answers_and_a_proxy_is_set_it_is_told_that_none_is_asked(
    refused: Path, monkeypatch: pytest.MonkeyPatch, exempt: str, told: bool
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", exempt)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    with pytest.raises(FetchError, match="given up after 3 attempts") as caught:
        get(refused, url)
    assert ("HTTP_PROXY is set, but downloads ask no proxy: " in str(caught.value)) == told


def test_an_unknown_name_is_an_error_with_the_url(refused: Path) -> None:
    with pytest.raises(FetchError, match=r"http://nowhere\.invalid/x: nowhere\.invalid: .*given up"):
        get(refused, "http://nowhere.invalid/x")


@pytest.mark.parametrize("announced", [None, 10**9], ids=["as it comes", "by its own word"])
def test_a_file_beyond_the_limit_is_refused(refused: Path, web: Web, announced: int | None) -> None:
    policy = POLICY.model_copy(update={"max_bytes": 4000})
    answer = Status(200, {"Content-Length": "", "Connection": "close"}, BODY) if announced is None else File(BODY)
    with pytest.raises(InputError, match=r"larger than download\.network\.max_bytes \(4,000\)"):
        get(refused, web.give("/x", answer), policy)


@pytest.mark.parametrize(
    ("answer", "sign"),
    [
        (File(b"<!DOCTYPE html><html>Log in</html>", kind="text/html; charset=utf-8"), "text/html: '<!DOCTYPE html>"),
        (File(b"Please log in", kind="TEXT/HTML"), "text/html: 'Please log in'"),
        (File(b"\xef\xbb\xbf \n<HTML><body>"), "its first bytes: "),
        (File(b"<!doctype HTML>", kind="application/zip"), "its first bytes: '<!doctype HTML>'"),
    ],
)  # fmt: skip
def test_a_web_page_instead_of_a_file_is_an_error_that_shows_it(
    refused: Path, web: Web, answer: File, sign: str
) -> None:
    with pytest.raises(InputError, match=f"a web page instead of a file \\({sign}"):
        get(refused, web.give("/x", answer))


def test_a_page_that_is_pinned_is_what_is_wanted(tmp_path: Path, web: Web) -> None:
    page = b"<html>parallel text</html>"
    url = web.give("/x", File(page, kind="text/html"))
    assert get(tmp_path, url, sha256=hashlib.sha256(page).hexdigest()).path.read_bytes() == page


def test_an_empty_file_is_an_error(refused: Path, web: Web) -> None:
    with pytest.raises(InputError, match="gives an empty file"):
        get(refused, web.give("/x", File(b"")))


def test_a_wrong_sum_names_both_removes_the_file_and_is_refused_again(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", File(BODY), File(b"other content", etag='"2"'))
    kept = get(tmp_path, url)
    kept.path.unlink()
    for _ in range(2):
        with pytest.raises(MismatchError) as caught:
            get(tmp_path, url)
        said = str(caught.value)
        assert f"sha256 is {hashlib.sha256(b'other content').hexdigest()}, but {LOCK} pins {SUM}" in said
        assert f"take the entry out of {LOCK}" in said
        assert whole_files(tmp_path) == []
    assert not list((tmp_path / "downloads").glob("*.part"))


def test_a_sum_in_the_params_counts_more_than_the_lock_file(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", File(BODY), File(b"other content", etag='"2"'))
    get(tmp_path, url)
    with pytest.raises(MismatchError, match=f"but params.yaml pins {'0' * 64}"):
        get(tmp_path, url, sha256="0" * 64)
    other = hashlib.sha256(b"other content").hexdigest()
    assert get(tmp_path, url, sha256=other).pin.sha256 == other


REDIRECTS = {
    "file": ("file:///etc/passwd", "only http and https"),
    "metadata": ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is not an address of the public"),
    "this machine": ("http://[::1]/", "::1 is not an address of the public"),
    "disguise": ("//0x7f.1/x", "an address in disguise"),
    "password": ("http://user:secret@example.org/", "with a password"),
    "control character": ("/\x7fy", "no URL"),
    "no port": ("http://example.org:x/", "no URL"),
}


@pytest.mark.parametrize("name", REDIRECTS)
def test_a_redirect_to_where_nobody_may_go_is_refused(
    refused: Path, web: Web, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    location, reason = REDIRECTS[name]
    url = web.give("/x", redirect(location)).replace("127.0.0.1", "public.example")
    policy = POLICY.model_copy(update={"allow_private_addresses": False})
    # The server stands for one with a public address; the rule for literal ones in redirects is what is tested.
    monkeypatch.setattr("seqline.fetching.addresses.resolve", lambda *_, **__: ["127.0.0.1"])
    with pytest.raises(InputError, match=f"/x: .*refused.*{reason}") as caught:
        get(refused, url, policy)
    assert "secret" not in str(caught.value)
    assert web.asked == ["GET /x"]


def test_a_loop_of_redirects_ends(refused: Path, web: Web) -> None:
    web.give("/y", redirect("/x"))
    with pytest.raises(InputError, match="redirected more than 5 times"):
        get(refused, web.give("/x", redirect("/y")))
    assert len(web.asked) == 6


def test_redirects_are_followed_and_the_last_url_is_kept_without_its_signature(tmp_path: Path, web: Web) -> None:
    final = web.give("/final", File(BODY))
    url = web.give("/x", redirect("/y"))
    web.give("/y", redirect("final?signature=secret#z"))
    assert get(tmp_path, url).pin.final_url == final


def test_a_full_disk_is_told_and_the_part_is_kept(refused: Path, web: Web) -> None:
    url = web.give("/x", File(BODY))
    with no_file_beyond(6000), pytest.raises(FetchError, match=r"x\.part: cannot be written \(File too large\)"):
        get(refused, url)
    assert (refused / "downloads" / f"{store(refused).path(url).name}.part").stat().st_size == 6000


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_whichever_call_fails_there_is_a_plain_error_and_the_next_run_has_the_file(
    tmp_path: Path, web: Web, code: int
) -> None:
    number = 0
    while True:
        number += 1
        root, url, said = tmp_path / str(number), web.give(f"/{number}", File(BODY)), ""
        root.mkdir()
        with failing(number, code) as fault:
            try:
                get(root, url)
            except SeqlineError as error:
                said = str(error)
        if not fault.fired:
            break
        assert "\n" not in said
        assert all((root / "downloads" / name).read_bytes() == BODY for name in whole_files(root))
        assert get(root, url).path.read_bytes() == BODY
    assert number > 12, "the seam was hardly touched: the test has lost its grip"


_KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from web import store
from seqline.fetching.store import Wanted
fatal, calls = int(sys.argv[4]), 0
def dying(real):
    def call(*args, **kwargs):
        global calls
        calls += 1
        if calls == fatal:
            os.kill(os.getpid(), 9)
        return real(*args, **kwargs)
    return call
os.replace, os.fsync = dying(os.replace), dying(os.fsync)
store(Path(sys.argv[1])).get_all([Wanted(sys.argv[2])])
"""


def test_kill_at_every_write_point_leaves_nothing_half_and_the_next_run_resumes(tmp_path: Path, web: Web) -> None:
    url, number, done = web.give("/x", File(BODY)), 0, False
    while not done:
        number += 1
        root = tmp_path / str(number)
        arguments = [str(root), url, str(Path(__file__).parents[1]), str(number)]
        killed = subprocess.run([sys.executable, "-c", _KILLED, *arguments], capture_output=True, timeout=30)
        done = killed.returncode == 0
        assert done or killed.returncode == -signal.SIGKILL, killed.stderr
        assert all((root / "downloads" / name).read_bytes() == BODY for name in whole_files(root))
        before = len(web.asked)
        assert get(root, url).pin.sha256 == SUM
        if number > 3:  # the first three are the sidecar's, before the first byte
            assert len(web.asked) == before, "all had come: nothing is asked again"
    assert number > 8


def test_a_download_killed_in_the_middle_goes_on_where_it_was(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", File(BODY, byte_every_s=0.002), File(BODY))
    arguments = [str(tmp_path), url, str(Path(__file__).parents[1]), "0"]
    process = subprocess.Popen([sys.executable, "-c", _KILLED, *arguments], stderr=subprocess.DEVNULL)
    part = store(tmp_path).path(url).with_name(f"{store(tmp_path).path(url).name}.part")
    while not part.exists() or part.stat().st_size == 0:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    size = part.stat().st_size
    assert 0 < size < len(BODY)
    assert whole_files(tmp_path) == []
    assert get(tmp_path, url).path.read_bytes() == BODY
    assert web.headers[-1]["Range"] == f"bytes={size}-"


def test_ctrl_c_ends_a_download_at_once_and_keeps_what_came(tmp_path: Path, web: Web) -> None:
    url = web.give("/x", File(BODY, byte_every_s=0.02), File(BODY))
    arguments = [str(tmp_path), url, str(Path(__file__).parents[1]), "0"]
    process = subprocess.Popen([sys.executable, "-c", _KILLED, *arguments], stderr=subprocess.DEVNULL)
    part = store(tmp_path).path(url).with_name(f"{store(tmp_path).path(url).name}.part")
    while not part.exists() or part.stat().st_size == 0:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=5) == -signal.SIGINT
    assert whole_files(tmp_path) == []
    assert get(tmp_path, url).pin.sha256 == SUM
    assert "Range" in web.headers[-1]


def test_a_flipped_bit_among_the_downloads_is_found_and_fetched_again(tmp_path: Path, web: Web) -> None:
    url, told = web.give("/x", File(BODY)), list[str]()
    kept = get(tmp_path, url)
    kept.path.write_bytes(bytes([BODY[0] ^ 1]) + BODY[1:])
    (again,) = store(tmp_path, told=told).get_all([Wanted(url)])
    assert files.sha256(again.path) == SUM
    assert told == [f"{kept.path}: damaged; fetched again"]


def test_two_downloads_of_one_project_do_not_mix(tmp_path: Path, web: Web) -> None:
    import fcntl

    from seqline.errors import BusyError

    get(tmp_path, url := web.give("/x", File(BODY)))
    with (tmp_path / "downloads" / ".lock").open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(BusyError, match="another run is downloading"):
            get(tmp_path, url)
