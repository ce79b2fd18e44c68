"""Fetched files: pinned at the first time, kept, and asked about for one request."""

import hashlib
import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from web import LOCK, File, Status, Web, store

from seqline.errors import ArtifactError, FetchError, InputError, MismatchError, MissingError
from seqline.fetching.pins import Pins
from seqline.fetching.store import Wanted

DATE = "Mon, 23 Nov 2026 10:00:00 GMT"


def entry(root: Path, url: str) -> dict[str, object]:
    found = json.loads((root / LOCK).read_text(encoding="utf-8"))["files"][url]
    assert isinstance(found, dict)
    return found


def test_the_lock_file_says_what_came_and_when(tmp_path: Path, web: Web) -> None:
    url = web.give("/corpus.en.gz", File(b"one\ntwo\n", modified=DATE))
    (kept,) = store(tmp_path).get_all([Wanted(url)])
    assert kept.path.name.endswith("-corpus.en.gz")
    assert entry(tmp_path, url) == {
        "sha256": hashlib.sha256(b"one\ntwo\n").hexdigest(), "bytes": 8,
        "date": datetime.now(UTC).date().isoformat(), "final_url": url, "etag": '"1"', "last_modified": DATE,
    }  # fmt: skip


def test_what_is_here_is_not_fetched_again_and_another_file_is_fetched_alone(tmp_path: Path, web: Web) -> None:
    first, second = web.give("/a", b"a"), web.give("/b", b"b")
    store(tmp_path).get_all([Wanted(first)])
    store(tmp_path).get_all([Wanted(first), Wanted(second)])
    assert web.asked == ["GET /a", "GET /b"]


def test_files_come_back_in_the_order_in_which_they_were_wanted(tmp_path: Path, web: Web) -> None:
    urls = [web.give(f"/{name}", File(name.encode(), byte_every_s=pause)) for name, pause in [("a", 0.2), ("b", 0)]]
    wanted = [Wanted(urls[0]), Wanted(urls[1]), Wanted(urls[0])]
    assert [kept.path.read_bytes() for kept in store(tmp_path).get_all(wanted)] == [b"a", b"b", b"a"]
    pinned = list(json.loads((tmp_path / LOCK).read_text(encoding="utf-8"))["files"])
    assert pinned == sorted(urls), "the lock file must not depend on which came first"
    assert len(web.asked) == 2


def test_all_files_together_show_how_far_they_are(
    tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("seqline.progress._PLAIN_INTERVAL_S", 0.0)
    store(tmp_path).get_all([Wanted(web.give(f"/{name}", bytes([65]) * 300_000)) for name in "ab"])
    shown = capsys.readouterr().err.split("\n")
    assert shown[-2].startswith("download: 100%, ")
    assert shown[-2].endswith(" kB/s, 0 s, 0 s left  done")
    assert len(shown) > 3


def test_several_files_come_at_once(tmp_path: Path, web: Web) -> None:
    together = threading.Barrier(3, timeout=10)

    def slow(handler: object) -> None:
        together.wait()
        File(b"x")(handler)  # type: ignore[arg-type]

    wanted = [Wanted(web.give(f"/{name}", slow)) for name in "abc"]
    assert len(store(tmp_path).get_all(wanted)) == 3


def test_one_failure_stops_no_other_file_and_all_are_told_in_order(tmp_path: Path, web: Web) -> None:
    wanted = [Wanted(web.url("/gone1")), Wanted(web.give("/good", b"good")), Wanted(web.url("/gone2"))]
    with pytest.raises(MissingError, match=r"gone1: .*; http.*gone2: "):
        store(tmp_path).get_all(wanted)
    assert store(tmp_path).path(wanted[1].url).read_bytes() == b"good"


def test_a_lost_download_is_fetched_again_and_keeps_its_first_date(tmp_path: Path, web: Web) -> None:
    url = web.give("/a", b"a")
    (kept,) = store(tmp_path).get_all([Wanted(url)])
    content = json.loads((tmp_path / LOCK).read_text(encoding="utf-8"))
    content["files"][url]["date"] = "2026-01-01"
    (tmp_path / LOCK).write_text(json.dumps(content), encoding="utf-8")
    kept.path.unlink()
    (again,) = store(tmp_path).get_all([Wanted(url)])
    assert (again.pin.date, again.pin.sha256) == ("2026-01-01", kept.pin.sha256)


def test_a_sum_that_one_corpus_pins_holds_for_all_that_read_the_file(tmp_path: Path, web: Web) -> None:
    url = web.give("/a", b"a")
    for wanted in ([Wanted(url, "0" * 64), Wanted(url)], [Wanted(url), Wanted(url, "0" * 64)]):
        with pytest.raises(MismatchError, match=r"but params\.yaml pins 0000"):
            store(tmp_path).get_all(wanted)
    with pytest.raises(MismatchError, match="pins two sums"):
        store(tmp_path).get_all([Wanted(url, "0" * 64), Wanted(url, "1" * 64)])


def test_taking_an_entry_out_accepts_the_new_content(tmp_path: Path, web: Web) -> None:
    url = web.give("/a", File(b"old"), File(b"new", etag='"2"'))
    store(tmp_path).get_all([Wanted(url)])
    (tmp_path / LOCK).unlink()
    (kept,) = store(tmp_path).get_all([Wanted(url)])
    assert kept.path.read_bytes() == b"new"


def test_a_followed_file_costs_one_question_until_it_changes(tmp_path: Path, web: Web) -> None:
    url = web.give("/a", File(b"old"), File(b"old"), File(b"new!", etag='"2"'))
    one = Wanted(url, follow=True)
    contents = [store(tmp_path).get_all([one])[0].path.read_bytes() for _ in range(3)]
    assert contents == [b"old", b"old", b"new!"]
    assert web.asked == ["GET /a", "HEAD /a", "HEAD /a", "GET /a"]
    assert entry(tmp_path, url)["etag"] == '"2"'


def test_a_followed_file_whose_server_is_down_is_used_as_it_is(tmp_path: Path, web: Web) -> None:
    url, told = web.give("/a", File(b"old"), Status(503)), list[str]()
    for _ in range(2):
        (kept,) = store(tmp_path, told=told).get_all([Wanted(url, follow=True)])
    assert kept.path.read_bytes() == b"old"
    assert told == [f"{url}: the server answers 503; the content of {LOCK} is used"]


OLD = File(b"old", etag='"1"', modified=DATE)
STATES = {
    "not modified": (OLD, OLD, "same"),
    "other etag": (OLD, File(b"new", etag='"2"'), "changed"),
    "other date": (File(b"old", "", DATE), File(b"old", "", DATE.replace("10:", "11:")), "changed"),
    "same date": (File(b"old", "", DATE), File(b"old", "", DATE), "same"),
    "other length": (File(b"old", ""), File(b"longer", ""), "changed"),
    "no version": (File(b"old", ""), File(b"old", ""), "unknown"),
    "weak etag": (File(b"old", 'W/"1"'), Status(200, {"ETag": '"1"', "Content-Length": "3"}), "same"),
    "no HEAD": (OLD, File(b"old", modified=DATE, head=False), "same"),
    "no HEAD, other etag": (OLD, File(b"new", etag='"2"', head=False), "changed"),
}


@pytest.mark.parametrize("name", STATES)
def test_whether_it_changed_is_asked_without_a_download(tmp_path: Path, web: Web, name: str) -> None:
    then, now, expected = STATES[name]
    one = store(tmp_path)
    one.get_all([Wanted(url := web.give("/a", then, now))])
    assert one.state(url) == expected
    assert len(web.asked) == (3 if "no HEAD" in name else 2)


def test_a_source_that_is_gone_or_ill_is_an_error_of_its_own(tmp_path: Path, web: Web) -> None:
    one = store(tmp_path)
    one.get_all([Wanted(url := web.give("/a", b"a", Status(404), Status(503)))])
    with pytest.raises(InputError, match="answers 404"):
        one.state(url)
    with pytest.raises(FetchError, match="answers 503"):
        one.state(url)


def test_what_is_made_is_pinned_like_what_is_fetched(tmp_path: Path) -> None:
    calls = list[str]()

    def fill(text: str) -> object:
        def write(path: Path) -> None:
            calls.append(text)
            path.write_text(text, encoding="utf-8")

        return write

    one = store(tmp_path)
    kept = one.make("https://example.org/rows", fill("rows"))  # type: ignore[arg-type]
    assert one.make("https://example.org/rows", fill("rows")) == kept  # type: ignore[arg-type]
    assert calls == ["rows"]
    kept.path.unlink()
    with pytest.raises(MismatchError, match="take the entry out"):
        one.make("https://example.org/rows", fill("other"))  # type: ignore[arg-type]
    assert [path.name for path in one.folder.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"version": 2}', '{"version": 1, "files": {"http://x": {"sha256": "short"}}}', "\xff"]
)
def test_a_torn_lock_file_is_an_error_with_a_way_out(tmp_path: Path, text: str) -> None:
    (tmp_path / LOCK).write_bytes(text.encode("latin-1"))
    with pytest.raises(ArtifactError, match=LOCK) as caught:
        Pins(tmp_path / LOCK)
    assert "\n" not in str(caught.value)


def test_names_on_the_disk_are_safe_and_distinct(tmp_path: Path) -> None:
    one = store(tmp_path)
    urls = ["http://a/x?y", "http://a/x?z", "http://a/%2e%2e/..", "http://a/" + "n" * 1000 + ".tmx.gz", "http://a/"]
    paths = [one.path(url) for url in urls]
    assert len(set(paths)) == len(urls)
    assert all(path.parent == one.folder and len(path.name) < 120 for path in paths)
    assert paths[3].name.endswith(".tmx.gz")


def test_certificates_are_checked_against_the_name(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = _certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    web.encrypt(context)
    secure = web.give("/a", b"a").replace("http:", "https:")
    with pytest.raises(FetchError, match=r"certificate is not to be trusted .*self-signed"):
        store(tmp_path).get_all([Wanted(secure.replace("127.0.0.1", "localhost"))])
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    (kept,) = store(tmp_path).get_all([Wanted(secure.replace("127.0.0.1", "localhost"))])
    assert kept.path.read_bytes() == b"a"
    with pytest.raises(FetchError, match=r"certificate is not to be trusted .*mismatch"):
        store(tmp_path).get_all([Wanted(secure)])


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    secret, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(subject, subject, secret.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(secret, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(built.public_bytes(serialization.Encoding.PEM))
    form, no_password = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(secret.private_bytes(serialization.Encoding.PEM, form, no_password))
    return paths
